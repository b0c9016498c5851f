package io.github.websocketnetty.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Starts an example by its name; without a name, lists them. */
@Command(
    name = "java -jar websocket-netty-examples.jar",
    description = "Examples of websocket-netty. Run '<example> --help' for the options of one.",
    synopsisSubcommandLabel = "<example>",
    commandListHeading = "%nExamples:%n",
    subcommands = {
      ChatCommand.class,
      StreamFile.class,
      PipelineCommand.class,
      EchoServerCommand.class,
      TerminalClient.class,
      AutobahnClient.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this help.")
  private boolean help;

  Main() {}

  /**
   * Runs the example that the arguments name and exits with its status: 0 if it ended well, 2 if
   * the arguments are wrong.
   */
  public static void main(String[] args) {
    // The terminal's bytes are UTF-8 whatever the platform's default charset is.
    System.exit(
        commandLine()
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
            .execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Duration.class, new Seconds())
        .registerConverter(URI.class, new UriArgument())
        .setExecutionExceptionHandler(Main::report);
  }

  private static int report(Exception failure, CommandLine example, ParseResult arguments)
      throws Exception {
    if (!(failure instanceof IOException)) {
      throw failure;
    }
    example.getErr().println(failure.getMessage());
    return 1;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
