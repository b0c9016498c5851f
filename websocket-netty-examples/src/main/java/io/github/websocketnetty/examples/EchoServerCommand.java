package io.github.websocketnetty.examples;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.FrameLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The echo server as a program: runs until it gets SIGTERM or SIGINT. */
@Command(
    name = "echo-server",
    description = "Echoes text and binary messages, on any path.",
    showDefaultValues = true,
    sortOptions = false)
final class EchoServerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ListenOptions listen;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "The number of event loops; 0 means one for each processor.")
  private int threads;

  @Option(
      names = "--transport",
      paramLabel = "auto|nio|epoll",
      defaultValue = "auto",
      description = "How to talk to the operating system; auto takes epoll where it works.")
  private Transport transport;

  @Mixin private MessageOptions messages;

  @Option(
      names = "--ping-interval",
      paramLabel = "S",
      defaultValue = "20",
      description = "Seconds between keepalive pings; 0 sends none.")
  private Duration pingInterval;

  @Option(
      names = "--ping-timeout",
      paramLabel = "S",
      defaultValue = "20",
      description = "Seconds a pong may take; 0 means any time.")
  private Duration pingTimeout;

  @Option(
      names = "--close-timeout",
      paramLabel = "S",
      defaultValue = "10",
      description = "Seconds the closing handshake may take; 0 means any time.")
  private Duration closeTimeout;

  @Option(
      names = "--api",
      paramLabel = "connection|blocking|handler",
      defaultValue = "connection",
      description = {
        "How the echo is written: with Connection on the event loop, with BlockingConnection on a"
            + " thread for each connection, or with frames in a handler."
      })
  private Api api;

  @Option(
      names = "--compression",
      paramLabel = "on|off",
      defaultValue = "on",
      description = "Whether to compress, with permessage-deflate, for clients that offer it.")
  private Compression compression;

  EchoServerCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkOptions();
    EchoServer server = start(messages.limits());
    closeOnSignal(server);
    String place = listen.place(server.address().getPort());
    spec.commandLine().getOut().println("listening on ws://" + place + "/");
    new CountDownLatch(1).await(); // until a signal ends the process
    return 0;
  }

  private EchoServer start(FrameLimits limits) throws IOException {
    InetSocketAddress address = listen.address();
    try {
      return EchoServer.start(
          address,
          transport,
          threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
          api,
          ServerHandshakeOptions.builder().compression(compression.options()).build(),
          ConnectionOptions.builder()
              .maxMessageSize(limits.maxMessageSize())
              .maxFragments(limits.maxFragments())
              .pingInterval(pingInterval)
              .pingTimeout(pingTimeout)
              .closeTimeout(closeTimeout)
              .build());
    } catch (IOException e) {
      throw listen.failed(e.getCause());
    }
  }

  private void checkOptions() {
    check(threads >= 0, "--threads must not be negative, it is " + threads);
    check(transport.isAvailable(), "--transport epoll does not work on this machine");
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private static void closeOnSignal(EchoServer server) {
    Runnable closing =
        () -> {
          server.close();
          // The JVM's own status after a signal says "killed", and this was an orderly end.
          Runtime.getRuntime().halt(0);
        };
    Runtime.getRuntime().addShutdownHook(new Thread(closing, "closing"));
  }
}
