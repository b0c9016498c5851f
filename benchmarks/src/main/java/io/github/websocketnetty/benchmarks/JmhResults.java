package io.github.websocketnetty.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    List<Result> results = runs.stream().map(JmhResults::result).toList();
    return new JmhResults(results, jvms.first(), runs.get(0).get("forks").getAsInt());
  }

  private static Result result(JsonObject run) {
    Map<String, String> parameters = new TreeMap<>();
    if (run.has("params")) {
      run.getAsJsonObject("params")
          .entrySet()
          .forEach(each -> parameters.put(each.getKey(), each.getValue().getAsString()));
    }
    String[] name = text(run, "benchmark").split("\\.");
    String method = name[name.length - 1];
    String title = name[name.length - 2].replaceFirst("Benchmark$", "");
    String way = parameters.remove(WAY);
    if (way == null) {
      way = method;
    } else {
      title += "." + method;
    }
    JsonObject metric = run.getAsJsonObject("primaryMetric");
    String scoreUnit = text(metric, "scoreUnit");
    if (!NANOS.containsKey(scoreUnit)) {
      throw new IllegalArgumentException(title + " is in " + scoreUnit + ", must be time per op");
    }
    double scale = NANOS.get(scoreUnit);
    JsonObject secondary = run.getAsJsonObject("secondaryMetrics");
    double allocated =
        secondary.has(ALLOCATION)
            ? number(secondary.getAsJsonObject(ALLOCATION), "score")
            : Double.NaN;
    String counter =
        UNITS.keySet().stream().filter(parameters::containsKey).findFirst().orElse(null);
    double units = counter == null ? 1 : Integer.parseInt(parameters.get(counter));
    return new Result(
        title,
        way,
        parameters,
        UNITS.getOrDefault(String.valueOf(counter), "op"),
        number(metric, "score") * scale / units,
        number(metric, "scoreError") * scale / units,
        allocated / units);
  }

  private static String text(JsonObject object, String key) {
    return object.get(key).getAsString();
  }

  /** JMH writes NaN as a string, which is what this understands. */
  private static double number(JsonObject object, String key) {
    return Double.parseDouble(object.get(key).getAsString());
  }
}
