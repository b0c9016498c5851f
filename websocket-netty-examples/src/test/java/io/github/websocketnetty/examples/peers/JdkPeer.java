package io.github.websocketnetty.examples.peers;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The client of the JDK. */
final class JdkPeer implements PeerClient, WebSocket.Listener {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
  private WebSocket socket;

  private JdkPeer() {}

  static JdkPeer connect(URI uri) throws Exception {
    JdkPeer peer = new JdkPeer();
    peer.socket =
        PeerClient.await(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, peer));
    return peer;
  }

  @Override
  public CompletionStage<?> onText(WebSocket it, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      events.add("text " + text);
      text.setLength(0);
    }
    it.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket it, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    binary.writeBytes(bytes);
    if (last) {
      events.add(PeerClient.describe(binary.toByteArray()));
      binary.reset();
    }
    it.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket it, ByteBuffer data) {
    events.add("pong");
    it.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket it, int code, String reason) {
    events.add("closed " + code + " " + reason);
    return null;
  }

  @Override
  public void tell(String command) throws Exception {
    String[] words = command.split(" ", 2);
    switch (words[0]) {
      case "text" -> PeerClient.await(socket.sendText(words[1], true));
      case "binary" -> {
        byte[] bytes = PeerClient.pattern(Integer.parseInt(words[1]));
        PeerClient.await(socket.sendBinary(ByteBuffer.wrap(bytes), true));
      }
      case "fragments" -> {
        int count = Integer.parseInt(words[1]);
        for (int i = 0; i < count; i++) {
          PeerClient.await(socket.sendText("part " + i + " ", i == count - 1));
        }
      }
      case "ping" -> PeerClient.await(socket.sendPing(ByteBuffer.allocate(4)));
      default -> {
        String[] status = words[1].split(" ");
        PeerClient.await(socket.sendClose(Integer.parseInt(status[0]), status[1]));
      }
    }
  }

  @Override
  public String next() throws InterruptedException {
    return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
