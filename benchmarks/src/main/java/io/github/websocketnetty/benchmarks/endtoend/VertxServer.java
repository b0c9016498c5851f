package io.github.websocketnetty.benchmarks.endtoend;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Vert.x: {@code --threads} event loops with an instance of the server each. */
@Command(name = "vertx")
public final class VertxServer extends ServerCommand {
  VertxServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new VertxServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) throws IOException {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(threads).setPreferNativeTransport(true));
    int port = address.getPort() == 0 ? freePort() : address.getPort();
    SocketAddress where = SocketAddress.inetSocketAddress(port, address.getHostString());
    HttpServerOptions options =
        new HttpServerOptions()
            .setAcceptBacklog(BACKLOG)
            .setMaxWebSocketFrameSize(MAX_MESSAGE)
            .setMaxWebSocketMessageSize(MAX_MESSAGE);
    CompletableFuture<String> deployed = new CompletableFuture<>();
    vertx
        .deployVerticle(
            () -> new Echo(options, where), new DeploymentOptions().setInstances(threads))
        .onComplete(deployed::complete, deployed::completeExceptionally);
    deployed.join();
    return port;
  }

  // To Vert.x, 0 would be another port for each instance.
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static final class Echo extends VerticleBase {
    private final HttpServerOptions options;
    private final SocketAddress address;

    Echo(HttpServerOptions options, SocketAddress address) {
      this.options = options;
      this.address = address;
    }

    @Override
    public Future<?> start() {
      return vertx.createHttpServer(options).webSocketHandler(Echo::serve).listen(address);
    }

    private static void serve(ServerWebSocket socket) {
      socket.textMessageHandler(socket::writeTextMessage);
      socket.binaryMessageHandler(socket::writeBinaryMessage);
    }
  }
}
