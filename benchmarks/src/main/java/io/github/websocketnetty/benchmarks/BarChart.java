package io.github.websocketnetty.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Draws a comparison as bars on a logarithmic scale, in SVG. The background is transparent; the
 * colours of the text follow the reader's light or dark theme.
 */
final class BarChart {
  private static final int BAR = 14;
  private static final int GAP = 12;
  private static final int TOP = 84;
  private static final int MARGIN = 16;
  private static final int PLOT = 560;
  private static final int FIGURE = 150;

  /** About the width of a character. */
  private static final int CHARACTER = 7;

  private static final String STYLE =
      """
      <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328 }
        .title { font-size: 16px; font-weight: 600 }
        .soft { fill: #59636e }
        .grid { stroke: #8c959f; stroke-opacity: 0.35 }
        .error { stroke: #1f2328; stroke-opacity: 0.75 }
        .end { text-anchor: end }
        .middle { text-anchor: middle }
        @media (prefers-color-scheme: dark) {
          text { fill: #f0f6fc }
          .soft { fill: #9198a1 }
          .error { stroke: #f0f6fc }
        }
      </style>
      """;
  private static final String NOTHING_COLOUR = "#8c959f";
  private static final List<String> NETTY_COLOURS = List.of("#e07b39", "#b8860b", "#a05a2c");
  private static final List<String> OUR_COLOURS = List.of("#2f81f7", "#2da44e", "#a371f7");

  private final Comparison comparison;
  private final StringBuilder svg = new StringBuilder();
  private final List<String> ways = new ArrayList<>();
  private final int left;
  private final double lowest;
  private final double decades;

  BarChart(Comparison comparison) {
    this.comparison = comparison;
    Set<String> distinct = new LinkedHashSet<>();
    double min = Double.MAX_VALUE;
    double max = 0;
    int longest = 0;
    for (Result result : comparison.results()) {
      distinct.add(result.way());
      min = Math.min(min, result.nanos());
      max = Math.max(max, result.nanos());
      longest = Math.max(longest, label(result).length());
    }
    ways.addAll(distinct);
    left = 2 * MARGIN + longest * CHARACTER;
    lowest = Math.floor(Math.log10(min));
    decades = Math.max(1, Math.log10(max) - lowest);
  }

  String write() {
    StringBuilder bars = new StringBuilder();
    int bottom = drawBars();
    bars.append(svg);
    svg.setLength(0);
    int width = left + PLOT + FIGURE;
    int height = bottom + MARGIN;
    add(
        "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d' role='img'>",
        width, height, width, height);
    svg.append(STYLE);
    add("<text class='title' x='%d' y='26'>%s</text>", MARGIN, escape(comparison.title()));
    add("<text class='soft' x='%d' y='46'>%s</text>", MARGIN, escape(subtitle()));
    drawLegend();
    drawGrid(bottom);
    svg.append(bars).append("</svg>\n");
    return svg.toString();
  }

  private String subtitle() {
    List<String> parts = new ArrayList<>();
    parts.add("time per " + comparison.unit() + ", logarithmic; less is better");
    if (!comparison.varying().isEmpty()) {
      parts.add("left: " + String.join(" · ", comparison.varying()));
    }
    if (!comparison.fixed().isEmpty()) {
      parts.add(MarkdownTable.describe(comparison.fixed()));
    }
    return String.join("; ", parts);
  }

  private void drawLegend() {
    int x = MARGIN;
    for (String way : ways) {
      add("<rect x='%d' y='56' width='10' height='10' fill='%s'/>", x, colour(way));
      add("<text x='%d' y='65'>%s</text>", x + 14, escape(way));
      x += 14 + MARGIN + way.length() * CHARACTER;
    }
  }

  private void drawGrid(int bottom) {
    for (int i = 0; i <= decades; i++) {
      double x = left + PLOT * i / decades;
      add("<line class='grid' x1='%.1f' x2='%.1f' y1='%d' y2='%d'/>", x, x, TOP + 4, bottom);
      String tick = Figures.time(Math.pow(10, lowest + i)).replaceFirst("\\.0+ ", " ");
      add("<text class='soft middle' x='%.1f' y='%d'>%s</text>", x, TOP, tick);
    }
  }

  /** Returns where they end. */
  private int drawBars() {
    int y = TOP + GAP;
    Map<String, String> group = null;
    for (Result result : comparison.results()) {
      if (!result.parameters().equals(group)) {
        y += group == null ? 0 : GAP;
        group = result.parameters();
        add(
            "<text class='end' x='%d' y='%d'>%s</text>",
            left - 8, y + BAR - 3, escape(label(result)));
      }
      drawBar(result, y);
      y += BAR;
    }
    return y;
  }

  private void drawBar(Result result, int y) {
    double end = x(result.nanos());
    add(
        "<rect x='%d' y='%d' width='%.1f' height='%d' fill='%s'/>",
        left, y + 1, Math.max(1, end - left), BAR - 2, colour(result.way()));
    double middle = y + BAR / 2.0;
    double right = end;
    if (!Double.isNaN(result.error())) {
      right = x(result.nanos() + result.error());
      add(
          "<line class='error' x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f'/>",
          x(result.nanos() - result.error()), right, middle, middle);
    }
    String figure = Figures.time(result.nanos());
    double ratio = comparison.ratio(result);
    if (!Double.isNaN(ratio) && !result.isNettys() && !result.way().equals(Result.NOTHING)) {
      figure += " (" + Figures.ratio(ratio) + ")";
    }
    add("<text x='%.1f' y='%d'>%s</text>", right + 6, y + BAR - 3, figure);
  }

  /** Returns the place of a time, at the edge if it is outside. */
  private double x(double nanos) {
    double share = nanos <= 0 ? 0 : (Math.log10(nanos) - lowest) / decades;
    return left + PLOT * Math.min(Math.max(share, 0), 1);
  }

  private String label(Result result) {
    List<String> values = new ArrayList<>();
    comparison.varying().forEach(name -> values.add(result.parameters().get(name)));
    return String.join(" · ", values);
  }

  private String colour(String way) {
    if (way.equals(Result.NOTHING)) {
      return NOTHING_COLOUR;
    }
    boolean isNettys = way.startsWith(Result.BASELINE);
    List<String> colours = isNettys ? NETTY_COLOURS : OUR_COLOURS;
    long before =
        ways.subList(0, ways.indexOf(way)).stream()
            .filter(each -> !each.equals(Result.NOTHING))
            .filter(each -> each.startsWith(Result.BASELINE) == isNettys)
            .count();
    return colours.get((int) before % colours.size());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
