package io.github.websocketnetty.benchmarks.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes results as Markdown: medians, and in brackets their ratios to Netty's stock handlers. */
final class Tables {
  private final Results results;
  private final List<Peer> peers;
  private final StringBuilder text = new StringBuilder();

  Tables(Results results, List<Peer> peers) {
    this.results = results;
    this.peers = peers;
  }

  String write() {
    writeEnvironment();
    if (!results.cells().isEmpty()) {
      echo("Processor time of the server, µs per message", EchoResult::cpuMicrosPerMessage);
      echo("Messages per second", EchoResult::messagesPerSecond);
      echo("Latency, median, µs", EchoResult::p50Micros);
      echo("Latency, 99th percentile, µs", EchoResult::p99Micros);
      echo("Share of the processor time in the kernel", EchoResult::kernelShare);
    }
    if (results.hasIdle()) {
      writeIdle();
    }
    if (!results.notes().isEmpty()) {
      text.append("\n## Notes\n\n");
      results.notes().forEach(note -> text.append("- ").append(note).append('\n'));
    }
    return text.toString();
  }

  private void writeEnvironment() {
    Environment environment = results.environment();
    text.append("# Echo servers, end to end\n\n");
    text.append("- date: ").append(environment.date()).append('\n');
    text.append("- machine: ").append(environment.host()).append(", ");
    text.append(environment.processor()).append(", ").append(environment.processors());
    text.append(" processors, ").append(environment.system()).append('\n');
    text.append("- JDK: ").append(environment.jdk()).append(", ");
    text.append(String.join(" ", environment.flags())).append('\n');
    text.append("- pinning: ").append(environment.pinning()).append('\n');
    text.append("- commit: ").append(environment.commit()).append('\n');
    text.append("- versions: ").append(versions(environment)).append("\n\n");
    text.append("Medians; in brackets the ratio to Netty's stock handlers.\n");
  }

  private static String versions(Environment environment) {
    return environment.versions().entrySet().stream()
        .map(one -> one.getKey() + " " + one.getValue())
        .collect(Collectors.joining(", "));
  }

  private void echo(String title, Function<EchoResult, Double> figure) {
    header(title, "load");
    for (Cell cell : results.cells()) {
      row(cell.toString(), peer -> results.echo(peer, cell, figure));
    }
  }

  private void writeIdle() {
    header("Idle connections, bytes each", "memory");
    row("live heap", peer -> results.idle(peer, IdleResult::heapBytes));
    row("resident", peer -> results.idle(peer, IdleResult::residentBytes));
  }

  private void header(String title, String first) {
    text.append("\n## ").append(title).append("\n\n| ").append(first).append(" |");
    peers.forEach(peer -> text.append(' ').append(peer).append(" |"));
    text.append("\n|:--|").append("--:|".repeat(peers.size())).append('\n');
  }

  private void row(String name, Function<Peer, Optional<Double>> figure) {
    List<String> cells = new ArrayList<>();
    Optional<Double> base = figure.apply(Peer.NETTY).filter(value -> value > 0);
    for (Peer peer : peers) {
      cells.add(figure.apply(peer).map(value -> cell(peer, value, base)).orElse("-"));
    }
    text.append("| ").append(name).append(" | ").append(String.join(" | ", cells));
    text.append(" |\n");
  }

  private static String cell(Peer peer, double value, Optional<Double> base) {
    if (peer == Peer.NETTY || base.isEmpty()) {
      return number(value);
    }
    return number(value) + String.format(Locale.ROOT, " (%.2f)", value / base.get());
  }

  private static String number(double value) {
    double size = Math.abs(value);
    return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f", value);
  }
}
