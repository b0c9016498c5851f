package io.github.websocketnetty.benchmarks.endtoend;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Vert.x: {@code --threads} event loops with an instance of the server each. */
@Command(name = "vertx")
public final class VertxServer extends ServerCommand {
  /** To Vert.x, 0 is another free port for each instance. */
  private static final int SAME_FREE_PORT = -1;

  VertxServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new VertxServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(threads).setPreferNativeTransport(true));
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(address.getHostString())
            .setPort(address.getPort() == 0 ? SAME_FREE_PORT : address.getPort())
            .setAcceptBacklog(BACKLOG)
            .setMaxWebSocketFrameSize(MAX_MESSAGE)
            .setMaxWebSocketMessageSize(MAX_MESSAGE);
    CompletableFuture<Integer> port = new CompletableFuture<>();
    vertx
        .deployVerticle(
            () -> new Echo(options, port), new DeploymentOptions().setInstances(threads))
        .onFailure(port::completeExceptionally);
    return port.join();
  }

  private static final class Echo extends VerticleBase {
    private final HttpServerOptions options;
    private final CompletableFuture<Integer> port;

    Echo(HttpServerOptions options, CompletableFuture<Integer> port) {
      this.options = options;
      this.port = port;
    }

    @Override
    public Future<?> start() {
      return vertx
          .createHttpServer(options)
          .webSocketHandler(Echo::serve)
          .listen()
          .map(HttpServer::actualPort)
          .onSuccess(port::complete);
    }

    private static void serve(ServerWebSocket socket) {
      socket.textMessageHandler(socket::writeTextMessage);
      socket.binaryMessageHandler(socket::writeBinaryMessage);
    }
  }
}
