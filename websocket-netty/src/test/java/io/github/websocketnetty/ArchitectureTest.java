package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the three packages in one direction: root, handler, protocol. */
class ArchitectureTest {
  private static final Path SOURCES =
      ModuleFiles.inModule("src/main/java/io/github/websocketnetty");
  private static final String OURS = "io\\.github\\.websocketnetty";

  @Test
  void protocolKnowsNoChannelAndNoPackageOfOurs() throws IOException {
    assertNothingMatches(
        "protocol",
        "io\\.netty\\.(channel|bootstrap|handler\\.(ssl|timeout|proxy))\\b",
        OURS + "\\.handler\\b",
        "import (static )?" + OURS + "\\.[A-Z]");
  }

  @Test
  void protocolKnowsOnlyTheValueTypesOfHttpAndNoFrames() throws IOException {
    assertNothingMatches(
        "protocol", "io\\.netty\\.handler\\.codec\\.http\\.(websocketx|.*Codec)\\b");
  }

  @Test
  void protocolKnowsNoThreadAndNoClock() throws IOException {
    assertNothingMatches(
        "protocol",
        "java\\.util\\.concurrent\\.(locks|Executor|.*Executors|CompletableFuture)",
        "\\bThread\\b\\.",
        "Instant\\.now|Clock\\.|LocalDate(Time)?\\.now");
  }

  @Test
  void handlersKnowNothingOfTheRoot() throws IOException {
    assertNothingMatches("handler", "import (static )?" + OURS + "\\.[A-Z]");
  }

  @Test
  void nobodyReadsAClockButByTheTickerOfTheExecutor() throws IOException {
    assertNothingMatches("", "System\\s*\\.\\s*(nanoTime|currentTimeMillis)");
  }

  @Test
  void nobodyUsesInternalsOfNetty() throws IOException {
    assertNothingMatches("", "io\\.netty\\.util\\.internal");
  }

  @Test
  void handlersUseTheExecutorOfTheirContext() throws IOException {
    // The one that checks that they are the same.
    assertEquals(List.of("Placement.java: .eventLoop()"), matches("handler", "\\.eventLoop\\(\\)"));
  }

  @Test
  void testsFindTheirFilesWhereverTheyAreStarted() throws IOException {
    String relative = "(Path\\.of|Paths\\.get|new File)\\(\"(\\.\\.|src/|target|[A-Z]+\\.md)[^)]*";
    for (String module : List.of("websocket-netty", "websocket-netty-examples", "benchmarks")) {
      Path tests = ModuleFiles.inRepository(module).resolve("src/test/java");
      assertEquals(List.of(), matches(tests, relative), module);
    }
  }

  private static void assertNothingMatches(String folder, String... patterns) throws IOException {
    assertEquals(List.of(), matches(folder, patterns));
  }

  private static List<String> matches(String folder, String... patterns) throws IOException {
    return matches(SOURCES.resolve(folder), patterns);
  }

  private static List<String> matches(Path folder, String... patterns) throws IOException {
    List<String> found = new ArrayList<>();
    int[] files = new int[1];
    try (Stream<Path> sources = Files.walk(folder)) {
      for (Path source :
          (Iterable<Path>) sources.filter(p -> p.toString().endsWith(".java"))::iterator) {
        files[0]++;
        String code = withoutComments(Files.readString(source));
        for (String pattern : patterns) {
          Pattern.compile(pattern)
              .matcher(code)
              .results()
              .forEach(match -> found.add(source.getFileName() + ": " + match.group()));
        }
      }
    }
    assertTrue(files[0] > 0, "no sources in " + folder);
    return found;
  }

  private static String withoutComments(String code) {
    return code.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
  }
}
