package io.github.websocketnetty.examples.peers;

import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty, both sides. It finds the methods of listeners by reflection, so these are public. */
public final class JettyPeer extends Session.Listener.AbstractAutoDemanding implements PeerClient {
  private static final int MAX_MESSAGE = 16 << 20;

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final WebSocketClient client = new WebSocketClient();

  private JettyPeer() {}

  static JettyPeer connect(URI uri) throws Exception {
    JettyPeer peer = new JettyPeer();
    peer.client.setMaxBinaryMessageSize(MAX_MESSAGE);
    peer.client.start();
    ClientUpgradeRequest request = new ClientUpgradeRequest(uri);
    request.addExtensions("permessage-deflate");
    PeerClient.await(peer.client.connect(peer, request));
    return peer;
  }

  static PeerServer listen() throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    server.addConnector(connector);
    server.setHandler(WebSocketUpgradeHandler.from(server, JettyPeer::configure));
    server.start();
    return PeerServer.onPort(connector.getLocalPort(), server::stop);
  }

  private static void configure(ServerWebSocketContainer container) {
    container.setMaxBinaryMessageSize(MAX_MESSAGE);
    container.addMapping("/*", (request, response, callback) -> new Echo());
  }

  @Override
  public void onWebSocketText(String text) {
    events.add("text " + text);
  }

  @Override
  public void onWebSocketBinary(ByteBuffer bytes, Callback received) {
    byte[] payload = new byte[bytes.remaining()];
    bytes.get(payload);
    events.add(PeerClient.describe(payload));
    received.succeed();
  }

  @Override
  public void onWebSocketPong(ByteBuffer payload) {
    events.add("pong");
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback done) {
    events.add("closed " + code + " " + reason);
    done.succeed();
  }

  @Override
  public void tell(String command) throws Exception {
    String[] words = command.split(" ", 2);
    Callback.Completable sent = new Callback.Completable();
    switch (words[0]) {
      case "text" -> getSession().sendText(words[1], sent);
      case "binary" -> {
        byte[] bytes = PeerClient.pattern(Integer.parseInt(words[1]));
        getSession().sendBinary(ByteBuffer.wrap(bytes), sent);
      }
      case "fragments" -> {
        int last = Integer.parseInt(words[1]) - 1;
        for (int i = 0; i < last; i++) {
          Callback.Completable part = new Callback.Completable();
          getSession().sendPartialText("part " + i + " ", false, part);
          PeerClient.await(part);
        }
        getSession().sendPartialText("part " + last + " ", true, sent);
      }
      case "ping" -> getSession().sendPing(ByteBuffer.allocate(4), sent);
      default -> {
        String[] status = words[1].split(" ");
        getSession().close(Integer.parseInt(status[0]), status[1], sent);
      }
    }
    PeerClient.await(sent);
  }

  @Override
  public String next() throws InterruptedException {
    return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    client.stop();
  }

  /** The endpoint of the server. */
  public static final class Echo extends Session.Listener.AbstractAutoDemanding {
    Echo() {}

    @Override
    public void onWebSocketText(String text) {
      if (text.equals("please close")) {
        getSession().close(4002, "server", Callback.NOOP);
      } else {
        getSession().sendText(text, Callback.NOOP);
      }
    }

    @Override
    public void onWebSocketBinary(ByteBuffer bytes, Callback received) {
      getSession().sendBinary(bytes, received);
    }
  }
}
