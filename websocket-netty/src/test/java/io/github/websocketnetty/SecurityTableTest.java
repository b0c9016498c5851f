package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.HttpLimits;
import io.github.websocketnetty.support.ModuleFiles;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says about limits is what the code does by default. */
class SecurityTableTest {
  private static final Pattern NUMBER = Pattern.compile("(\\d+)(?: (s|KiB|MiB)\\b)?");
  private static final int LIMIT = 2;
  private static final int DEFAULT = 3;
  private static final int OPTION = 4;

  /** By the limit's name in the table: sizes and numbers as they are, times in seconds. */
  private static Map<String, List<Long>> defaults() {
    ConnectionOptions options = ConnectionOptions.defaults();
    HttpLimits http = HttpLimits.DEFAULT;
    Map<String, List<Long>> all = new LinkedHashMap<>();
    all.put("payload bytes of a message", List.of(options.limits().maxMessageSize()));
    all.put("payload bytes of a frame", List.of());
    all.put("frames of a message", List.of(16_384L, 64L)); // see MessageSequenceTest
    all.put("memory for what has not arrived", List.of(0L));
    all.put("frames that wait", List.of((long) options.maxQueueHigh()));
    all.put("payload bytes that wait", List.of(options.maxQueueBytes()));
    all.put("bytes unsent until sends wait", List.of((long) options.writeLimitHigh()));
    all.put("payload bytes of the sends that wait", List.of(options.maxPendingSendBytes()));
    all.put("pongs that wait", List.of(1L));
    all.put(
        "time between pings, and for the pong",
        List.of(options.pingInterval().toSeconds(), options.pingTimeout().toSeconds()));
    all.put("time for closing, flushing included", List.of(options.closeTimeout().toSeconds()));
    all.put("time for opening", List.of(openTimeout().toSeconds()));
    all.put("bytes of it", List.of((long) http.maxStartLine()));
    all.put("bytes of a header line", List.of((long) http.maxHeaderLine()));
    all.put("number of headers", List.of((long) http.maxHeaders()));
    all.put("bytes of all headers", List.of((long) http.maxHeaderSize()));
    all.put("bytes of the body that are kept", List.of((long) HttpLimits.MAX_BODY));
    all.put("redirects that are followed", List.of((long) WebSocketClient.DEFAULT_MAX_REDIRECTS));
    return all;
  }

  /** Servers and clients have the same. */
  private static Duration openTimeout() {
    Duration server = ServerHandshakeOptions.anyPath().openTimeout();
    URI uri = URI.create("ws://localhost/");
    assertEquals(server, ClientHandshakeOptions.forUri(uri).openTimeout());
    return server;
  }

  private static List<String[]> rows() throws IOException {
    String readme = Files.readString(ModuleFiles.inRepository("README.md"));
    String section = readme.substring(readme.indexOf("### What is limited"));
    return section
        .substring(0, section.indexOf("### What is not checked"))
        .lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| A peer that |"))
        .map(line -> line.split("\\s*\\|\\s*"))
        .toList();
  }

  private static List<Long> numbers(String cell) {
    return NUMBER.matcher(cell).results().map(SecurityTableTest::number).toList();
  }

  private static Long number(MatchResult found) {
    long number = Long.parseLong(found.group(1));
    if ("KiB".equals(found.group(2))) {
      return number << 10;
    }
    return "MiB".equals(found.group(2)) ? number << 20 : number;
  }

  @Test
  void everyDefaultOfTheTableIsThatOfTheCode() throws IOException {
    Map<String, List<Long>> table = new LinkedHashMap<>();
    for (String[] row : rows()) {
      table.put(row[LIMIT], numbers(row[DEFAULT]));
    }
    assertEquals(defaults(), table);
    assertEquals(FrameLimits.UNLIMITED, FrameLimits.DEFAULT.maxFragmentSize());
    assertEquals(FrameLimits.FRAGMENTS_BY_SIZE, FrameLimits.DEFAULT.maxFragments());
  }

  @Test
  void everyOptionOfTheTableExists() throws IOException {
    Set<String> options =
        Stream.of(
                ConnectionOptions.Builder.class,
                WebSocketPipeline.Builder.class,
                ServerHandshakeOptions.Builder.class,
                ClientHandshakeOptions.Builder.class,
                WebSocketClient.Builder.class)
            .flatMap(type -> Arrays.stream(type.getMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    for (String[] row : rows()) {
      Matcher named = Pattern.compile("`(\\w+)`").matcher(row[OPTION]);
      while (named.find()) {
        assertTrue(options.contains(named.group(1)), named.group(1));
      }
    }
  }
}
