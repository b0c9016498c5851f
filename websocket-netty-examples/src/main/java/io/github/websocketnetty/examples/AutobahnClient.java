package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets the fuzzing server of the Autobahn test suite examine the library as a client. */
@Command(
    name = "autobahn-client",
    description = "Runs the cases of an Autobahn fuzzing server, which writes the reports.",
    showDefaultValues = true,
    sortOptions = false)
final class AutobahnClient implements Callable<Integer> {
  private static final int LARGEST_MESSAGE = 16 << 20;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "URI", description = "The fuzzing server, such as ws://127.0.0.1:9001")
  private URI uri;

  @Option(
      names = "--agent",
      paramLabel = "NAME",
      defaultValue = "websocket-netty",
      description = "The name in the reports.")
  private String agent;

  @Option(
      names = "--case-timeout",
      paramLabel = "S",
      defaultValue = "300",
      description = "Seconds a case may take.")
  private Duration caseTimeout;

  // No keepalive: the suite counts the frames it gets.
  private final WebSocketPipeline webSocket =
      WebSocketPipeline.client()
          .maxMessageSize(LARGEST_MESSAGE)
          .keepalive(Duration.ZERO, Duration.ZERO)
          .aggregateMessages(true)
          .build();

  AutobahnClient() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Connector connector = new Connector()) {
      int count = caseCount(connector);
      int incomplete = 0;
      for (int number = 1; number <= count; number++) {
        String result = runCase(connector, number);
        out.println("case " + number + "/" + count + ": " + (result == null ? "not run" : result));
        incomplete += result == null ? 1 : 0;
      }
      run(connector, "/updateReports?agent=" + encoded(agent), newEcho());
      out.println("ran " + (count - incomplete) + " of " + count + " cases as " + agent);
      return incomplete == 0 ? 0 : 1;
    } catch (IOException | TimeoutException e) {
      spec.commandLine().getErr().println("Failed with " + uri + ": " + e.getMessage());
      return 1;
    }
  }

  private int caseCount(Connector connector)
      throws IOException, InterruptedException, TimeoutException {
    FirstText answer = new FirstText();
    run(connector, "/getCaseCount", answer);
    try {
      return Integer.parseInt(answer.text.getNow("").strip());
    } catch (NumberFormatException e) {
      throw new IOException("the number of cases is '" + answer.text.getNow("") + "'", e);
    }
  }

  /** Returns how the connection ended, or null if it did not open or did not end. */
  private String runCase(Connector connector, int number) throws InterruptedException {
    try {
      WebSocketClosed end =
          run(connector, "/runCase?case=" + number + "&agent=" + encoded(agent), newEcho());
      return "received %s, sent %s".formatted(end.received(), end.sent());
    } catch (IOException | TimeoutException e) {
      spec.commandLine().getErr().println("case " + number + ": " + e.getMessage());
      return null;
    }
  }

  /** Connects and waits for the end. */
  private WebSocketClosed run(Connector connector, String path, ChannelHandler application)
      throws IOException, InterruptedException, TimeoutException {
    Connector.Connection connection = connector.connect(at(path), webSocket, application);
    try {
      return connection.closed().get(caseTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      connection.channel().close();
      throw new TimeoutException("still open after " + caseTimeout.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause()); // cannot be: the future is only ever completed normally
    }
  }

  private URI at(String path) {
    String base = uri.toString();
    return URI.create(
        base.endsWith("/") ? base.substring(0, base.length() - 1) + path : base + path);
  }

  private static EchoHandler newEcho() {
    return new EchoHandler(() -> false);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** Keeps the first text message. */
  private static final class FirstText extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    private final CompletableFuture<String> text = new CompletableFuture<>();

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
      text.complete(frame.text());
    }
  }
}
