package io.github.websocketnetty.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The results of one run of JMH, from its JSON.
 *
 * <p>The way of a result is its parameter {@code way}; without one it is the method. A parameter
 * {@code frames} or {@code messages} says how many of them an operation has: the figures are those
 * of one.
 *
 * @param results in the order of the file
 * @param jvm the virtual machine of all of them
 * @param forks how often each was started
 */
record JmhResults(List<Result> results, String jvm, int forks) {
  private static final String WAY = "way";
  private static final Map<String, String> UNITS = Map.of("frames", "frame", "messages", "message");
  private static final Map<String, Double> NANOS =
      Map.of("ns/op", 1.0, "us/op", 1e3, "ms/op", 1e6, "s/op", 1e9);
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is empty, of several virtual machines, or has figures
   *     that are not times
   */
  static JmhResults read(Path json) throws IOException {
    List<JsonObject> runs = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(json)) {
      for (JsonElement run : JsonParser.parseReader(reader).getAsJsonArray()) {
        runs.add(run.getAsJsonObject());
      }
    }
    TreeSet<String> jvms = new TreeSet<>();
    runs.forEach(run -> jvms.add(text(run, "vmName") + " " + text(run, "vmVersion")));
    if (jvms.size() != 1) {
      throw new IllegalArgumentException(
          json + " has results of " + jvms.size() + " virtual machines, must be of one: " + jvms);
    }
    Set<String> distinct = new HashSet<>();
    runs.forEach(run -> distinct.add(text(run, "benchmark")));
    List<Result> results = runs.stream().map(run -> result(run, distinct)).toList();
    return new JmhResults(results, jvms.first(), runs.get(0).get("forks").getAsInt());
  }

  private static Result result(JsonObject run, Set<String> benchmarks) {
    Map<String, String> parameters = parameters(run);
    String counter =
        UNITS.keySet().stream().filter(parameters::containsKey).findFirst().orElse(null);
    double units = counter == null ? 1 : Integer.parseInt(parameters.get(counter));
    String unit = counter == null ? "op" : UNITS.get(counter);
    String name = text(run, "benchmark");
    String type = name.substring(0, name.lastIndexOf('.'));
    String method = name.substring(type.length() + 1);
    String title = type.substring(type.lastIndexOf('.') + 1).replaceFirst("Benchmark$", "");
    String way = parameters.remove(WAY);
    if (way == null) {
      way = method;
    } else if (benchmarks.stream().filter(each -> each.startsWith(type + ".")).count() > 1) {
      title += "." + method;
    }
    JsonObject metric = run.getAsJsonObject("primaryMetric");
    double scale = nanos(title, text(metric, "scoreUnit")) / units;
    JsonObject other = run.getAsJsonObject("secondaryMetrics");
    return new Result(
        title,
        way,
        parameters,
        unit,
        number(metric, "score") * scale,
        number(metric, "scoreError") * scale,
        other.has(ALLOCATION)
            ? number(other.getAsJsonObject(ALLOCATION), "score") / units
            : Double.NaN);
  }

  private static Map<String, String> parameters(JsonObject run) {
    Map<String, String> parameters = new TreeMap<>();
    if (run.has("params")) {
      run.getAsJsonObject("params")
          .entrySet()
          .forEach(each -> parameters.put(each.getKey(), each.getValue().getAsString()));
    }
    return parameters;
  }

  private static double nanos(String title, String scoreUnit) {
    if (!NANOS.containsKey(scoreUnit)) {
      throw new IllegalArgumentException(
          title + " is in " + scoreUnit + ", must be in one of " + new TreeSet<>(NANOS.keySet()));
    }
    return NANOS.get(scoreUnit);
  }

  private static String text(JsonObject object, String key) {
    return object.get(key).getAsString();
  }

  /** JMH writes NaN as a string, which is what this understands. */
  private static double number(JsonObject object, String key) {
    return Double.parseDouble(object.get(key).getAsString());
  }
}
