package io.github.websocketnetty.examples.peers;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;

/** Java-WebSocket, both sides. */
final class JavaWebSocketPeer extends WebSocketClient implements PeerClient {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private JavaWebSocketPeer(URI uri) {
    super(uri, compressing());
  }

  private static Draft compressing() {
    PerMessageDeflateExtension extension = new PerMessageDeflateExtension();
    extension.setServerNoContextTakeover(true);
    extension.setClientNoContextTakeover(true);
    return new Draft_6455(extension);
  }

  static JavaWebSocketPeer connect(URI uri) throws InterruptedException {
    JavaWebSocketPeer peer = new JavaWebSocketPeer(uri);
    if (!peer.connectBlocking(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + uri);
    }
    return peer;
  }

  static PeerServer listen() throws Exception {
    CompletableFuture<Void> started = new CompletableFuture<>();
    WebSocketServer server = new Echo(started);
    server.setReuseAddr(true);
    server.setDaemon(true);
    server.start();
    PeerClient.await(started);
    Timer reminders = new Timer(true);
    reminders.schedule(new Reminder(server), 1000, 1000);
    return PeerServer.onPort(
        server.getPort(),
        () -> {
          reminders.cancel();
          server.stop();
        });
  }

  @Override
  public void onOpen(ServerHandshake handshake) {}

  @Override
  public void onMessage(String text) {
    events.add("text " + text);
  }

  @Override
  public void onMessage(ByteBuffer bytes) {
    byte[] payload = new byte[bytes.remaining()];
    bytes.get(payload);
    events.add(PeerClient.describe(payload));
  }

  @Override
  public void onWebsocketPong(WebSocket it, Framedata frame) {
    events.add("pong");
  }

  @Override
  public void onClose(int code, String reason, boolean remote) {
    events.add("closed " + code + " " + reason);
  }

  @Override
  public void onError(Exception failure) {
    events.add(failure.toString());
  }

  @Override
  public void tell(String command) {
    String[] words = command.split(" ", 2);
    switch (words[0]) {
      case "text" -> send(words[1]);
      case "binary" -> send(PeerClient.pattern(Integer.parseInt(words[1])));
      case "fragments" -> {
        int count = Integer.parseInt(words[1]);
        for (int i = 0; i < count; i++) {
          byte[] part = ("part " + i + " ").getBytes(StandardCharsets.UTF_8);
          sendFragmentedFrame(Opcode.TEXT, ByteBuffer.wrap(part), i == count - 1);
        }
      }
      case "ping" -> sendPing();
      default -> {
        String[] status = words[1].split(" ");
        close(Integer.parseInt(status[0]), status[1]);
      }
    }
  }

  @Override
  public String next() throws InterruptedException {
    return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static final class Echo extends WebSocketServer {
    private final CompletableFuture<Void> started;

    Echo(CompletableFuture<Void> started) {
      super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, List.of(compressing()));
      this.started = started;
    }

    @Override
    public void onStart() {
      started.complete(null);
    }

    @Override
    public void onOpen(WebSocket client, ClientHandshake handshake) {}

    @Override
    public void onMessage(WebSocket client, String text) {
      if (text.equals("please close")) {
        client.close(4002, "server");
      } else {
        client.send(text);
      }
    }

    @Override
    public void onMessage(WebSocket client, ByteBuffer bytes) {
      client.send(bytes);
    }

    @Override
    public void onClose(WebSocket client, int code, String reason, boolean remote) {}

    @Override
    public void onError(WebSocket client, Exception failure) {
      started.completeExceptionally(failure);
    }
  }

  /**
   * The server's selector, having written all, may undo the wish to write that its worker expresses
   * at that moment; then the frame waits for the next one.
   */
  private static final class Reminder extends TimerTask {
    private final WebSocketServer server;

    Reminder(WebSocketServer server) {
      this.server = server;
    }

    @Override
    public void run() {
      server.getConnections().forEach(server::onWriteDemand);
    }
  }
}
