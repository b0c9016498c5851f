package io.github.websocketnetty.examples.peers;

import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** OkHttp, which is a client only, and sends neither pings nor fragments for programs. */
final class OkHttpPeer extends WebSocketListener implements PeerClient {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private final OkHttpClient client = new OkHttpClient();
  private WebSocket socket;

  private OkHttpPeer() {}

  static OkHttpPeer connect(URI uri) throws Exception {
    OkHttpPeer peer = new OkHttpPeer();
    Request request = new Request.Builder().url(uri.toString()).build();
    peer.socket = peer.client.newWebSocket(request, peer);
    PeerClient.await(peer.opened);
    return peer;
  }

  @Override
  public void onOpen(WebSocket it, Response response) {
    opened.complete(null);
  }

  @Override
  public void onMessage(WebSocket it, String text) {
    events.add("text " + text);
  }

  @Override
  public void onMessage(WebSocket it, ByteString bytes) {
    events.add(PeerClient.describe(bytes.toByteArray()));
  }

  @Override
  public void onClosing(WebSocket it, int code, String reason) {
    it.close(code, reason); // it answers only when told to
  }

  @Override
  public void onClosed(WebSocket it, int code, String reason) {
    events.add("closed " + code + " " + reason);
  }

  @Override
  public void onFailure(WebSocket it, Throwable failure, Response response) {
    opened.completeExceptionally(failure);
    events.add(failure.toString());
  }

  @Override
  public void tell(String command) {
    String[] words = command.split(" ", 2);
    switch (words[0]) {
      case "text" -> socket.send(words[1]);
      case "binary" -> socket.send(ByteString.of(PeerClient.pattern(Integer.parseInt(words[1]))));
      case "close" -> {
        String[] status = words[1].split(" ");
        socket.close(Integer.parseInt(status[0]), status[1]);
      }
      default -> throw new UnsupportedOperationException(command);
    }
  }

  @Override
  public String next() throws InterruptedException {
    return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    socket.cancel();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
