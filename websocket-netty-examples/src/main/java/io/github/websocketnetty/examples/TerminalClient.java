package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ShownUri;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends what is typed, line by line, and prints what comes. */
@Command(
    name = "client",
    description = "Sends lines as text messages and prints what comes; Ctrl-D closes.",
    showDefaultValues = true,
    sortOptions = false,
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {"0:The connection was closed normally.", "1:It was not, or never opened."})
final class TerminalClient implements Callable<Integer> {
  private static final int LONGEST_LINGER_FACTOR = 20;

  private final InputStream input;
  private final boolean interactive;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "URI", description = "Where to connect to: ws://… or wss://…")
  private URI uri;

  @Option(
      names = "--max-size",
      paramLabel = "BYTES",
      defaultValue = "1048576",
      description = "The largest message accepted.")
  private long maxSize;

  @Option(
      names = "--compression",
      paramLabel = "on|off",
      defaultValue = "on",
      description = "Whether to offer permessage-deflate.")
  private Compression compression;

  @Option(
      names = "--linger",
      paramLabel = "S",
      defaultValue = "0.5",
      description = {
        "In a pipe: how long no message may have come before the connection is closed at the end"
            + " of the input. Some servers drop answers that they have not sent when a close comes."
      })
  private Duration linger;

  /** Reads the process's standard input. */
  TerminalClient() {
    this(System.in, isTerminal());
  }

  TerminalClient(InputStream input, boolean interactive) {
    this.input = input;
    this.interactive = interactive;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (maxSize < 0) {
      throw new ParameterException(
          spec.commandLine(), "--max-size must not be negative, it is " + maxSize);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    MessagePrinter printer = new MessagePrinter(out, interactive);
    ConnectionOptions options = ConnectionOptions.builder().maxMessageSize(maxSize).build();
    try (Connector connector = new Connector(options)) {
      CompletableFuture<Void> allPrinted = new CompletableFuture<>();
      Endpoint printing =
          opened -> {
            out.println("Connected to " + ShownUri.of(uri.toString()) + ".");
            printer.prompt();
            return opened
                .forEach(printer)
                .whenComplete((nothing, failure) -> complete(allPrinted, failure));
          };
      Connection connection = connector.connect(uri, compression, printing);
      Thread sender = new Thread(() -> sendLines(connection, printer), "sender");
      sender.setDaemon(true); // it may be stuck in reading a line when the server closes
      sender.start();
      allPrinted.handle((nothing, failure) -> null).get(); // what failed is asked for below
      connection.waitClosed().get();
      out.println((interactive ? "\r" : "") + "Connection closed: " + end(connection) + ".");
      allPrinted.get();
      return 0;
    } catch (IOException e) {
      err.println("Failed to connect to " + ShownUri.of(uri.toString()) + ": " + e.getMessage());
    } catch (ExecutionException e) {
      err.println(e.getCause().getMessage());
    }
    return 1;
  }

  private static void complete(CompletableFuture<Void> future, Throwable failure) {
    if (failure == null) {
      future.complete(null);
    } else {
      future.completeExceptionally(failure);
    }
  }

  private void sendLines(Connection connection, MessagePrinter printer) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        connection.send(line).get(); // a long input must not pile up in memory
        printer.prompt();
      }
      if (!interactive) {
        awaitAnswers(connection, printer);
      }
      connection.close();
    } catch (IOException | InterruptedException e) {
      connection.close(CloseCode.GOING_AWAY, "");
    } catch (ExecutionException e) {
      // Closed, which is what the main thread waits for.
    }
  }

  /**
   * Waits until no message has come for a while.
   *
   * <p>A peer may answer the close as soon as it reads it. Messages that its application still
   * works on are lost then.
   */
  private void awaitAnswers(Connection connection, MessagePrinter printer)
      throws InterruptedException, ExecutionException {
    for (int round = 0; round < LONGEST_LINGER_FACTOR; round++) {
      long before = printer.printed();
      try {
        connection.waitClosed().get(linger.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        if (printer.printed() == before) {
          return;
        }
      }
    }
  }

  private static String end(Connection connection) {
    int code = connection.closeCode().orElseThrow();
    String reason =
        connection.closeReason().filter(text -> !text.isEmpty()).map(" "::concat).orElse("");
    return code + " (" + CloseCode.explain(code) + ")" + reason;
  }

  static boolean isTerminal() {
    if (System.console() == null) {
      return false;
    }
    try {
      // Since Java 22 there is a console in a pipe too, and this method to tell.
      return (boolean) Console.class.getMethod("isTerminal").invoke(System.console());
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
