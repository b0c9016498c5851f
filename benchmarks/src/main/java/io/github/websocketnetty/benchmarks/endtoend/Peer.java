package io.github.websocketnetty.benchmarks.endtoend;

import java.util.List;
import java.util.Locale;

/** The servers that are measured. */
enum Peer {
  /** Netty's stock handlers, which the others are compared with. */
  NETTY(NettyServer.class),
  /** This library, frames in a handler. */
  OURS_HANDLER(OursServer.class, "--api", "handler"),
  /** This library, {@code Connection}. */
  OURS_CONNECTION(OursServer.class, "--api", "connection"),
  /** Java-WebSocket. */
  JAVA_WEBSOCKET(JavaWebSocketServer.class),
  /** Jetty. */
  JETTY(JettyServer.class),
  /** Undertow. */
  UNDERTOW(UndertowServer.class),
  /** Vert.x. */
  VERTX(VertxServer.class);

  private final Class<? extends ServerCommand> program;
  private final List<String> arguments;

  Peer(Class<? extends ServerCommand> program, String... arguments) {
    this.program = program;
    this.arguments = List.of(arguments);
  }

  Class<? extends ServerCommand> program() {
    return program;
  }

  List<String> arguments() {
    return arguments;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
