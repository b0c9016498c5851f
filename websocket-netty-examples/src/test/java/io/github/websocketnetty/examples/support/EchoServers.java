package io.github.websocketnetty.examples.support;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.examples.EchoServer;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;

/** The echo servers of a test run: one of each kind, started when the first test needs it. */
public final class EchoServers {
  private static final Map<ServerKind, EchoServer> RUNNING = new EnumMap<>(ServerKind.class);
  private static final int LOOPS = 2;

  private EchoServers() {}

  /** Returns the port of the server of a kind, which has the limits of the program. */
  public static synchronized int port(ServerKind kind) throws IOException {
    EchoServer server = RUNNING.get(kind);
    if (server == null) {
      server = start(kind, ConnectionOptions.defaults());
      RUNNING.put(kind, server);
    }
    return server.address().getPort();
  }

  /** Starts a server with some options of the opening handshake; the caller closes it. */
  public static EchoServer start(ServerKind kind, ServerHandshakeOptions handshake)
      throws IOException {
    return start(kind, handshake, ConnectionOptions.defaults());
  }

  /** Starts a server with some limits and times; the caller closes it. */
  public static EchoServer start(ServerKind kind, ConnectionOptions options) throws IOException {
    return start(kind, ServerHandshakeOptions.anyPath(), options);
  }

  private static EchoServer start(
      ServerKind kind, ServerHandshakeOptions handshake, ConnectionOptions options)
      throws IOException {
    InetSocketAddress freePort = new InetSocketAddress("127.0.0.1", 0);
    return EchoServer.start(freePort, kind.transport(), LOOPS, kind.api(), handshake, options);
  }
}
