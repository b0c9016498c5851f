package io.github.websocketnetty.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes tables and charts of the JSON of JMH: {@code report.md}, which is also printed, and an SVG
 * for each benchmark.
 *
 * <p>What the JSON does not tell, the date and the machine, is taken from a file {@code
 * machine.txt} beside it, each line of which becomes an item.
 */
public final class Report {
  private Report() {}

  /**
   * Makes the report.
   *
   * @param arguments the JSON, and the directory for the report
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: Report <results.json> <directory>");
      System.exit(2);
    }
    String report = write(Path.of(arguments[0]), Path.of(arguments[1]));
    new PrintStream(System.out, true, StandardCharsets.UTF_8).print(report);
  }

  /** Writes all files; returns the text. */
  static String write(Path json, Path directory) throws IOException {
    JmhResults run = JmhResults.read(json);
    Files.createDirectories(directory);
    StringBuilder report = new StringBuilder("# Benchmarks\n\n");
    machine(json).forEach(line -> report.append("- ").append(line).append('\n'));
    report.append("- JVM: ").append(run.jvm()).append(", forks: ").append(run.forks()).append('\n');
    report.append(
        """

        Errors are half of the 99.9 % confidence interval. `netty ÷ this` says how many times as \
        fast as Netty's own handlers a way is, with the same parameters in the same run; `net of \
        none` is the same without the time of the way `none`, which both spend on preparing the \
        buffer.
        """);
    for (Comparison comparison : Comparison.of(run.results())) {
      String chart = comparison.title() + ".svg";
      Files.writeString(directory.resolve(chart), new BarChart(comparison).write());
      report.append("\n## ").append(comparison.title()).append("\n\n");
      report.append(new MarkdownTable(comparison).write());
      report.append("\n![").append(comparison.title()).append("](").append(chart).append(")\n");
    }
    Files.writeString(directory.resolve("report.md"), report);
    return report.toString();
  }

  private static List<String> machine(Path json) throws IOException {
    Path file = json.resolveSibling("machine.txt");
    return Files.exists(file)
        ? Files.readAllLines(file)
        : List.of("date and machine: not recorded, " + file.getFileName() + " is missing");
  }
}
