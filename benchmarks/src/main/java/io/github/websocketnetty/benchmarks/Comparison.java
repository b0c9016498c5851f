package io.github.websocketnetty.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** One benchmark: all its ways with all its parameters. */
final class Comparison {
  /** Ways in the order in which they are shown: nothing, Netty's, ours. */
  private static final Comparator<Result> BY_WAY =
      Comparator.comparingInt(
          result -> result.way().equals(Result.NOTHING) ? 0 : result.isNettys() ? 1 : 2);

  private final String title;
  private final List<Result> results;
  private final List<String> varying = new ArrayList<>();
  private final Map<String, String> fixed = new TreeMap<>();

  private Comparison(String title, List<Result> unsorted) {
    this.title = title;
    for (String name : unsorted.get(0).parameters().keySet()) {
      TreeSet<String> values = new TreeSet<>();
      unsorted.forEach(result -> values.add(result.parameters().get(name)));
      if (values.size() == 1) {
        fixed.put(name, values.first());
      } else {
        varying.add(name);
      }
    }
    results = new ArrayList<>(unsorted);
    results.sort(this::compare);
  }

  /** Returns a comparison for each benchmark, in the order of the results. */
  static List<Comparison> of(List<Result> results) {
    Map<String, List<Result>> byTitle = new LinkedHashMap<>();
    for (Result result : results) {
      byTitle.computeIfAbsent(result.benchmark(), title -> new ArrayList<>()).add(result);
    }
    return byTitle.entrySet().stream()
        .map(each -> new Comparison(each.getKey(), each.getValue()))
        .toList();
  }

  private int compare(Result a, Result b) {
    for (String name : varying) {
      int order = compareValues(a.parameters().get(name), b.parameters().get(name));
      if (order != 0) {
        return order;
      }
    }
    return BY_WAY.compare(a, b);
  }

  private static int compareValues(String a, String b) {
    boolean areNumbers = a.matches("\\d{1,9}") && b.matches("\\d{1,9}");
    return areNumbers ? Integer.parseInt(a) - Integer.parseInt(b) : a.compareTo(b);
  }

  String title() {
    return title;
  }

  /** Returns what the figures are for, as {@code frame}. */
  String unit() {
    return results.get(0).unit();
  }

  /** Returns the results: those with the same parameters together, the baseline first. */
  List<Result> results() {
    return results;
  }

  /** Returns the names of the parameters that differ between results. */
  List<String> varying() {
    return varying;
  }

  /** Returns the other parameters. */
  Map<String, String> fixed() {
    return fixed;
  }

  /** Returns how many times as fast as the baseline this is; NaN if there is no baseline. */
  double ratio(Result result) {
    return nanos(result, Result.BASELINE) / result.nanos();
  }

  /** Returns the same without what both spend on nothing; NaN if that is not known. */
  double netRatio(Result result) {
    double nothing = nanos(result, Result.NOTHING);
    double ours = result.nanos() - nothing;
    double baseline = nanos(result, Result.BASELINE) - nothing;
    return ours > 0 && baseline > 0 ? baseline / ours : Double.NaN;
  }

  /** Returns whether there is a way that spends time on nothing. */
  boolean hasNothing() {
    return results.stream().anyMatch(result -> result.way().equals(Result.NOTHING));
  }

  private double nanos(Result like, String way) {
    return results.stream()
        .filter(each -> each.way().equals(way) && each.parameters().equals(like.parameters()))
        .mapToDouble(Result::nanos)
        .findFirst()
        .orElse(Double.NaN);
  }
}
