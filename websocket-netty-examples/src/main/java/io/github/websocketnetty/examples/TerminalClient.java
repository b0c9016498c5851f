package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.CloseCode;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  public Integer call() throws InterruptedException, ExecutionException {
    PrintWriter out = spec.commandLine().getOut();
    MessagePrinter printer = new MessagePrinter(uri, out, interactive);
    WebSocketPipeline webSocket =
        WebSocketPipeline.client().maxMessageSize(maxSize).aggregateMessages(true).build();
    try (Connector connector = new Connector()) {
      Connector.Connection connection = connector.connect(uri, webSocket, printer);
      Thread sender = new Thread(() -> sendLines(connection, printer), "sender");
      sender.setDaemon(true); // it may be stuck in reading a line when the server closes
      sender.start();
      WebSocketClosed end = connection.closed().get();
      out.println((interactive ? "\r" : "") + "Connection closed: " + received(end) + ".");
      if (end.isOk()) {
        return 0;
      }
      spec.commandLine().getErr().println(end.describe());
      return 1;
    } catch (IOException e) {
      spec.commandLine().getErr().println("Failed to connect to " + uri + ": " + e.getMessage());
      return 1;
    }
  }

  private void sendLines(Connector.Connection connection, MessagePrinter printer) {
    Channel channel = connection.channel();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        ChannelFuture sent = channel.writeAndFlush(new TextWebSocketFrame(line));
        if (!channel.isWritable()) {
          sent.await(); // a long input must not pile up in memory
        }
        printer.prompt();
      }
      if (!interactive) {
        awaitAnswers(connection, printer);
      }
      channel.writeAndFlush(new CloseWebSocketFrame(CloseCode.NORMAL_CLOSURE, ""));
    } catch (IOException | InterruptedException e) {
      channel.writeAndFlush(new CloseWebSocketFrame(CloseCode.GOING_AWAY, ""));
    }
  }

  /**
   * Waits until no message has come for a while.
   *
   * <p>What a peer answers before it reads our close frame reaches us anyway, so with a server that
   * answers in its read loop, such as the echo server, this would not be needed. Others answer the
   * close as soon as they read it, and messages that their application still works on are lost.
   */
  private void awaitAnswers(Connector.Connection connection, MessagePrinter printer)
      throws InterruptedException {
    for (int round = 0; round < LONGEST_LINGER_FACTOR; round++) {
      long before = printer.printed();
      try {
        connection.closed().get(linger.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        if (printer.printed() == before) {
          return;
        }
      } catch (ExecutionException e) {
        return;
      }
    }
  }

  private static String received(WebSocketClosed end) {
    int code = end.closeCode();
    return end.received() != null
        ? end.received().toString()
        : code + " (" + CloseCode.explain(code) + ")";
  }

  private static boolean isTerminal() {
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
