package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Opens connections and holds them, idle, until its standard input ends. Prints one line when all
 * are open, and one that says how many still were at the end.
 */
@Command(name = "idle-load", showDefaultValues = true, mixinStandardHelpOptions = true)
public final class IdleLoad implements Callable<Integer> {
  /** What the line starts with that says that all connections are open. */
  static final String OPEN = "open ";

  /** What the line starts with that says how many connections were left at the end. */
  static final String LEFT = "left ";

  @Option(names = "--port", required = true, description = "of the server, on 127.0.0.1")
  private int port;

  @Option(names = "--connections", defaultValue = "10000", description = "how many there are")
  private int connections;

  IdleLoad() {}

  /** Exits with 0 if all connections were opened. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new IdleLoad()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Clients clients = new Clients(port)) {
      clients.open(connections, i -> nothing());
      System.out.println(OPEN + clients.connected());
      System.in.transferTo(OutputStream.nullOutputStream());
      System.out.println(LEFT + clients.connected());
    }
    return 0;
  }

  private static ChannelHandler nothing() {
    return new ChannelInboundHandlerAdapter();
  }
}
