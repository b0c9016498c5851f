package io.github.websocketnetty.examples.support;

import io.github.websocketnetty.examples.EchoServer;
import io.github.websocketnetty.examples.Transport;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;

/** The echo servers of a test run: one for each transport, started when the first test needs it. */
public final class EchoServers {
  private static final Map<Transport, EchoServer> RUNNING = new EnumMap<>(Transport.class);
  private static final int THREADS = 2;

  private EchoServers() {}

  /** Returns the port of the server on {@code transport}, which has the limits of the program. */
  public static synchronized int port(Transport transport) throws IOException {
    EchoServer server = RUNNING.get(transport);
    if (server == null) {
      server = start(transport, ServerHandshakeOptions.anyPath());
      RUNNING.put(transport, server);
    }
    return server.address().getPort();
  }

  /** Starts a server with some options of the opening handshake; the caller closes it. */
  public static EchoServer start(Transport transport, ServerHandshakeOptions handshake)
      throws IOException {
    WebSocketPipeline webSocket = WebSocketPipeline.server().aggregateMessages(true).build();
    return start(transport, handshake, webSocket);
  }

  /** Starts a server with some limits and times; the caller closes it. */
  public static EchoServer start(Transport transport, WebSocketPipeline webSocket)
      throws IOException {
    return start(transport, ServerHandshakeOptions.anyPath(), webSocket);
  }

  private static EchoServer start(
      Transport transport, ServerHandshakeOptions handshake, WebSocketPipeline webSocket)
      throws IOException {
    InetSocketAddress freePort = new InetSocketAddress("127.0.0.1", 0);
    return EchoServer.start(freePort, transport, THREADS, handshake, webSocket);
  }
}
