package io.github.websocketnetty.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Writes a comparison as a table. */
final class MarkdownTable {
  private final Comparison comparison;

  MarkdownTable(Comparison comparison) {
    this.comparison = comparison;
  }

  String write() {
    List<String> lines = new ArrayList<>();
    if (!comparison.fixed().isEmpty()) {
      lines.add(describe(comparison.fixed()) + "\n");
    }
    List<String> header = header();
    lines.add(row(header));
    List<String> rule =
        new ArrayList<>(Collections.nCopies(comparison.varying().size() + 1, ":--"));
    rule.addAll(Collections.nCopies(header.size() - rule.size(), "--:"));
    lines.add(row(rule));
    comparison.results().forEach(result -> lines.add(row(cells(result))));
    return String.join("\n", lines) + "\n";
  }

  /** Returns parameters as {@code a = 1, b = 2}. */
  static String describe(Map<String, String> parameters) {
    List<String> each = new ArrayList<>();
    parameters.forEach((name, value) -> each.add(name + " = " + value));
    return String.join(", ", each);
  }

  private List<String> header() {
    List<String> names = new ArrayList<>(comparison.varying());
    names.add("way");
    names.add("ns per " + comparison.unit());
    names.add("± error");
    names.add("B per " + comparison.unit());
    names.add("netty ÷ this");
    if (comparison.hasNothing()) {
      names.add("net of none");
    }
    return names;
  }

  private List<String> cells(Result result) {
    List<String> cells = new ArrayList<>();
    comparison.varying().forEach(name -> cells.add(result.parameters().get(name)));
    boolean isNothing = result.way().equals(Result.NOTHING);
    cells.add(result.way());
    cells.add(Figures.number(result.nanos()));
    cells.add(Figures.number(result.error()));
    cells.add(Figures.whole(result.allocatedBytes()));
    cells.add(isNothing ? "" : Figures.ratio(comparison.ratio(result)));
    if (comparison.hasNothing()) {
      cells.add(isNothing ? "" : Figures.ratio(comparison.netRatio(result)));
    }
    return cells;
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
