package io.github.websocketnetty.examples;

import java.io.IOException;
import java.net.InetSocketAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a server listens, as options of its program. */
final class ListenOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8080",
      description = "The port to listen on; 0 takes a free one.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "The address to listen on; 0.0.0.0 lets others in.")
  private String host;

  ListenOptions() {}

  /**
   * Returns the address.
   *
   * @throws ParameterException if there is no such port
   * @throws IOException if there is no such host
   */
  InetSocketAddress address() throws IOException {
    if (port < 0 || port > 0xffff) {
      throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException("cannot listen on " + place(port) + ": unknown host");
    }
    return address;
  }

  /** Returns how to say that listening has failed. */
  IOException failed(Throwable cause) {
    String message = Programs.explain(cause);
    String hint = message.contains("in use") ? "; try another --port" : "";
    return new IOException("cannot listen on " + place(port) + ": " + message + hint, cause);
  }

  /** Returns host and port as they stand in a URI. */
  String place(int realPort) {
    return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + realPort;
  }
}
