package io.github.websocketnetty.benchmarks.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** All measurements of a run, and what they come to. */
final class Results {
  /**
   * One measurement.
   *
   * @param server the name of the server
   * @param round from 1
   * @param cell the load
   * @param result what was measured
   */
  record Echo(String server, int round, Cell cell, EchoResult result) {}

  /**
   * One measurement.
   *
   * @param server the name of the server
   * @param round from 1
   * @param result what was measured
   */
  record Idle(String server, int round, IdleResult result) {}

  private final Environment environment;
  private final List<Echo> echo = new ArrayList<>();
  private final List<Idle> idle = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  Results(Environment environment) {
    this.environment = environment;
  }

  void add(Peer peer, int round, Cell cell, EchoResult result) {
    echo.add(new Echo(peer.toString(), round, cell, result));
    if (result.errors() > 0) {
      String where = peer + ", " + cell + ", round " + round + ": ";
      note(where + result.errors() + " errors, the first: " + result.firstError());
    }
  }

  void add(Peer peer, int round, IdleResult result) {
    idle.add(new Idle(peer.toString(), round, result));
    if (result.left() < result.connections()) {
      int lost = result.connections() - result.left();
      note(peer + ", idle, round " + round + ": " + lost + " connections ended by themselves");
    }
  }

  /** Adds something that a reader of the figures should know. */
  void note(String text) {
    notes.add(text);
  }

  Environment environment() {
    return environment;
  }

  List<String> notes() {
    return notes;
  }

  List<Cell> cells() {
    return echo.stream().map(Echo::cell).distinct().toList();
  }

  boolean hasIdle() {
    return !idle.isEmpty();
  }

  /** Returns the median over the rounds, if there is any figure. */
  Optional<Double> echo(Peer peer, Cell cell, Function<EchoResult, Double> figure) {
    return median(
        echo.stream()
            .filter(one -> one.server().equals(peer.toString()) && one.cell().equals(cell))
            .map(one -> figure.apply(one.result()))
            .filter(Objects::nonNull)
            .toList());
  }

  /** Returns the median over the rounds, if there is any figure. */
  Optional<Double> idle(Peer peer, Function<IdleResult, Double> figure) {
    return median(
        idle.stream()
            .filter(one -> one.server().equals(peer.toString()))
            .map(one -> figure.apply(one.result()))
            .toList());
  }

  private static Optional<Double> median(List<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    boolean odd = sorted.size() % 2 == 1;
    return Optional.of(odd ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2);
  }
}
