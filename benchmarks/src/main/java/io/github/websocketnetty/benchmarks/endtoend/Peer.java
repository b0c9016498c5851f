package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

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

  /** Returns the version of the library. */
  String version() {
    try (InputStream file = Peer.class.getResourceAsStream("versions.properties")) {
      Properties versions = new Properties();
      versions.load(file);
      return versions.getProperty(toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
