package io.github.websocketnetty.benchmarks.endtoend;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import picocli.CommandLine.Command;

/** Jetty: {@code --threads} selectors, and a thread pool with the least beside them. */
@Command(name = "jetty")
public final class JettyServer extends ServerCommand {
  private static final int ACCEPTORS = 1;
  private static final int SPARE_THREADS = 8;

  JettyServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new JettyServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) throws Exception {
    Server server = new Server(new QueuedThreadPool(threads + SPARE_THREADS));
    ServerConnector connector = new ServerConnector(server, ACCEPTORS, threads);
    connector.setHost(address.getHostString());
    connector.setPort(address.getPort());
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);
    server.setHandler(WebSocketUpgradeHandler.from(server, JettyServer::configure));
    server.start();
    return connector.getLocalPort();
  }

  private static void configure(ServerWebSocketContainer container) {
    container.setMaxTextMessageSize(MAX_MESSAGE);
    container.setMaxBinaryMessageSize(MAX_MESSAGE);
    container.setIdleTimeout(Duration.ofHours(1));
    container.addMapping("/*", (request, response, callback) -> new Echo());
  }

  /** Jetty finds the methods by reflection, so it must be public. */
  public static final class Echo extends Session.Listener.Abstract {
    Echo() {}

    @Override
    public void onWebSocketOpen(Session session) {
      super.onWebSocketOpen(session);
      session.demand();
    }

    @Override
    public void onWebSocketText(String text) {
      getSession().sendText(text, Callback.from(getSession()::demand, this::fail));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer bytes, Callback received) {
      getSession().sendBinary(bytes, Callback.from(() -> next(received), this::fail));
    }

    private void next(Callback received) {
      received.succeed();
      getSession().demand();
    }

    private void fail(Throwable failure) {
      getSession().disconnect();
    }
  }
}
