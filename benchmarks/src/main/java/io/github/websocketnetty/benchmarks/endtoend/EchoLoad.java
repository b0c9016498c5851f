package io.github.websocketnetty.benchmarks.endtoend;

import com.google.gson.Gson;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The load generator as a program: one line of JSON on standard output, an {@link EchoResult}. */
@Command(name = "echo-load", showDefaultValues = true, mixinStandardHelpOptions = true)
public final class EchoLoad implements Callable<Integer> {
  @Option(names = "--port", required = true, description = "of the server, on 127.0.0.1")
  private int port;

  @Option(names = "--connections", defaultValue = "32", description = "how many there are")
  private int connections;

  @Option(names = "--depth", defaultValue = "1", description = "messages in flight on each")
  private int depth;

  @Option(names = "--kind", defaultValue = "ascii", description = "ascii, mixed or binary")
  private PayloadKind kind;

  @Option(names = "--size", defaultValue = "125", description = "bytes of a message")
  private int size;

  @Option(names = "--warmup", defaultValue = "1", description = "seconds before measuring")
  private double warmup;

  @Option(names = "--seconds", defaultValue = "5", description = "seconds of measuring")
  private double seconds;

  @Option(
      names = "--server-pid",
      defaultValue = "0",
      description = "the process whose processor time is read; 0: none")
  private long serverPid;

  EchoLoad() {}

  /** Exits with 0 if it could measure, even if echoes were wrong. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new EchoLoad())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    EchoPlan plan =
        new EchoPlan(
            connections, depth, kind, size, duration(warmup), duration(seconds), serverPid);
    System.out.println(new Gson().toJson(new LoadGenerator(port, plan).call()));
    return 0;
  }

  private static Duration duration(double value) {
    return Duration.ofNanos((long) (value * 1e9));
  }
}
