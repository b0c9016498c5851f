package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.ShownUri;
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
import picocli.CommandLine.Mixin;
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

  @Mixin private MessageOptions messages;

  AutobahnClient() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (Connector connector = new Connector(options())) {
      int count = caseCount(connector);
      int incomplete = 0;
      for (int number = 1; number <= count; number++) {
        String result = runCase(connector, number);
        out.println("case " + number + "/" + count + ": " + (result == null ? "not run" : result));
        incomplete += result == null ? 1 : 0;
      }
      await(open(connector, "/updateReports?agent=" + encoded(agent)).waitClosed());
      out.println("ran " + (count - incomplete) + " of " + count + " cases as " + agent);
      return incomplete == 0 ? 0 : 1;
    } catch (IOException | TimeoutException e) {
      spec.commandLine()
          .getErr()
          .println("Failed with " + ShownUri.of(uri.toString()) + ": " + e.getMessage());
      return 1;
    }
  }

  private ConnectionOptions options() {
    FrameLimits limits = messages.limits();
    return ConnectionOptions.builder()
        .maxMessageSize(limits.maxMessageSize())
        .maxFragments(limits.maxFragments())
        .pingInterval(Duration.ZERO) // the suite counts the frames it gets
        .build();
  }

  private int caseCount(Connector connector)
      throws IOException, InterruptedException, TimeoutException {
    Connection connection = open(connector, "/getCaseCount");
    String answer = await(connection.recvText());
    await(connection.waitClosed());
    try {
      return Integer.parseInt(answer.strip());
    } catch (NumberFormatException e) {
      throw new IOException("the number of cases is '" + answer + "'", e);
    }
  }

  /** Returns how the connection ended, or null if it did not open or did not end. */
  private String runCase(Connector connector, int number) throws InterruptedException {
    CompletableFuture<String> result = new CompletableFuture<>();
    // As an endpoint: some cases send with the 101 what must be echoed before a violation.
    Endpoint echo =
        opened ->
            opened
                .forEachAsync(opened::send)
                .whenComplete(
                    (nothing, failure) ->
                        result.complete(failure == null ? "OK" : failure.getMessage()));
    try {
      URI runCase = at("/runCase?case=" + number + "&agent=" + encoded(agent));
      Connection connection = connector.connect(runCase, Compression.ON, echo);
      try {
        await(connection.waitClosed());
      } finally {
        connection.close();
      }
      return await(result);
    } catch (IOException | TimeoutException e) {
      spec.commandLine().getErr().println("case " + number + ": " + e.getMessage());
      return null;
    }
  }

  private Connection open(Connector connector, String path)
      throws IOException, InterruptedException {
    return connector.connect(at(path), Compression.ON);
  }

  private <T> T await(CompletableFuture<T> future)
      throws IOException, InterruptedException, TimeoutException {
    try {
      return future.get(caseTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("not done after " + caseTimeout.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  private URI at(String path) {
    String base = uri.toString();
    return URI.create(
        base.endsWith("/") ? base.substring(0, base.length() - 1) + path : base + path);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
