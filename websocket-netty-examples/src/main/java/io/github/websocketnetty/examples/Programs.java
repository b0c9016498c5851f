package io.github.websocketnetty.examples;

import io.github.websocketnetty.WebSocketServer;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What programs with a server have in common. */
final class Programs {
  private Programs() {}

  /**
   * Waits until a server listens.
   *
   * @throws IOException if it cannot
   */
  static WebSocketServer listening(ListenOptions listen, CompletableFuture<WebSocketServer> server)
      throws IOException {
    try {
      return server.join();
    } catch (CompletionException e) {
      throw listen.failed(e.getCause());
    }
  }

  /** Returns why there is no connection, in a line. */
  static String explain(Throwable failure) {
    if (failure instanceof UnknownHostException) {
      return "unknown host";
    }
    if (failure instanceof NotSslRecordException) {
      return "the server does not speak TLS";
    }
    String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return message.replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
  }

  /** Says goodbye to the connections of a server when the process gets SIGTERM or SIGINT. */
  static void closeOnSignal(WebSocketServer server) {
    Runnable closing =
        () -> {
          server.close().join();
          // The JVM's own status after a signal says "killed", and this was an orderly end.
          Runtime.getRuntime().halt(0);
        };
    Thread hook = new Thread(closing, "closing");
    Runtime.getRuntime().addShutdownHook(hook);
    // Fails in the hook itself, where it is not needed.
    server.waitClosed().thenRun(() -> Runtime.getRuntime().removeShutdownHook(hook));
  }
}
