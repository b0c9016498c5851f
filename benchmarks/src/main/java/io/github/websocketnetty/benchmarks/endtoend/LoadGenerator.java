package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Keeps messages in flight and measures their echoes, on one thread. */
final class LoadGenerator {
  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final long DRAIN_MILLIS = 10_000;
  private static final long DRAIN_STEP_MILLIS = 10;

  private final EchoPlan plan;
  private final int port;
  private final List<EchoClient> connections = new ArrayList<>();
  private final EchoRun run;

  LoadGenerator(int port, EchoPlan plan) {
    this.port = port;
    this.plan = plan;
    this.run = new EchoRun(plan);
  }

  /**
   * Runs the plan.
   *
   * @throws IOException if the connections cannot be opened; what goes wrong later is in the result
   */
  EchoResult call() throws IOException, InterruptedException {
    try (Clients clients = new Clients(port)) {
      clients.open(plan.connections(), i -> newConnection());
      onLoop(clients, this::begin);
      Thread.sleep(plan.warmup().toMillis());
      onLoop(clients, run::beginMeasuring);
      Thread.sleep(plan.measured().toMillis());
      onLoop(clients, run::endMeasuring);
      drain(clients);
      onLoop(clients, this::end);
      if (!clients.awaitClosed(CLOSING)) {
        onLoop(clients, () -> run.error("the server did not close its connections"));
      }
      EchoResult[] result = new EchoResult[1];
      onLoop(clients, () -> result[0] = run.result());
      return result[0];
    }
  }

  private ChannelHandler newConnection() {
    EchoClient connection = new EchoClient(run);
    connections.add(connection);
    return connection;
  }

  private void begin() {
    run.begin();
    connections.forEach(EchoClient::begin);
  }

  private void end() {
    run.end();
    connections.forEach(EchoClient::end);
  }

  private void drain(Clients clients) throws InterruptedException {
    long[] left = {Long.MAX_VALUE};
    for (long waited = 0; left[0] > 0 && waited < DRAIN_MILLIS; waited += DRAIN_STEP_MILLIS) {
      Thread.sleep(DRAIN_STEP_MILLIS);
      onLoop(clients, () -> left[0] = run.inFlight());
    }
  }

  private static void onLoop(Clients clients, Runnable step) throws InterruptedException {
    try {
      clients.loop().submit(step).get(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the generator itself failed", e);
    }
  }
}
