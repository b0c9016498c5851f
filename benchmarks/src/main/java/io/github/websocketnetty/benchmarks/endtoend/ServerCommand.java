package io.github.websocketnetty.benchmarks.endtoend;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * An echo server as a program. All have the same flags and say on standard output where they
 * listen; they run until they are killed.
 */
abstract class ServerCommand implements Callable<Integer> {
  /** What the line starts with that a server prints when it is ready; its port follows. */
  static final String READY = "listening on port ";

  /** The largest message that every server accepts. */
  static final int MAX_MESSAGE = 16 << 20;

  /** Connections that may wait to be accepted. */
  static final int BACKLOG = 1024;

  @Option(names = "--port", defaultValue = "0", description = "0 takes a free one")
  private int port;

  @Option(names = "--threads", defaultValue = "1", description = "threads that do the I/O")
  private int threads;

  /** Starts a server and returns its real port. */
  abstract int listen(InetSocketAddress address, int threads) throws Exception;

  @Override
  public final Integer call() throws Exception {
    System.out.println(READY + listen(loopback(port), threads));
    new CountDownLatch(1).await(); // until a signal ends the process
    return 0;
  }

  static void run(ServerCommand server, String[] arguments) {
    System.exit(
        new CommandLine(server).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
