package io.github.websocketnetty.benchmarks.endtoend;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import picocli.CommandLine.Command;

/** Java-WebSocket: one selector thread, and {@code --threads} workers that decode. */
@Command(name = "java-websocket")
public final class JavaWebSocketServer extends ServerCommand {
  JavaWebSocketServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new JavaWebSocketServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) {
    Echo server = new Echo(address, threads);
    server.setTcpNoDelay(true);
    server.setMaxPendingConnections(BACKLOG);
    server.start();
    server.started.join();
    return server.getPort();
  }

  private static final class Echo extends WebSocketServer {
    private final CompletableFuture<Void> started = new CompletableFuture<>();

    Echo(InetSocketAddress address, int threads) {
      super(address, threads);
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      socket.send(text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteBuffer bytes) {
      socket.send(bytes);
    }

    @Override
    public void onStart() {
      started.complete(null);
    }

    @Override
    public void onError(WebSocket socket, Exception failure) {
      started.completeExceptionally(failure);
    }

    @Override
    public void onOpen(WebSocket socket, ClientHandshake handshake) {
      // nothing to greet with
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason, boolean remote) {
      // nothing to clean up
    }
  }
}
