package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.ModuleFiles;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The tables of the page about the change from Netty's handlers are complete and true. */
class FromNettyPageTest {
  private static final Path PAGE = ModuleFiles.inRepository("websocket-netty/docs/from-netty.md");
  private static final Pattern CODE = Pattern.compile("`([a-z]\\w*)[`(]");

  private static final Class<?>[] OURS = {
    ServerHandshakeOptions.Builder.class,
    ClientHandshakeOptions.Builder.class,
    ClientHandshakeOptions.class,
    WebSocketClientHandshakeHandler.class,
    WebSocketPipeline.Builder.class,
    ConnectionOptions.Builder.class,
    DeflateOptions.Builder.class,
    WebSocketServer.Builder.class,
    WebSocketClient.Builder.class
  };
  private static final List<Class<?>> NETTYS =
      List.of(
          WebSocketServerProtocolConfig.class,
          WebSocketClientProtocolConfig.class,
          WebSocketDecoderConfig.class);

  /** Of Netty's, of zlib's and of URIs. */
  private static final List<String> OTHERS =
      List.of(
          "channelInactive",
          "exceptionCaught",
          "wsdecoder",
          "wsencoder",
          "memLevel",
          "http",
          "ws",
          "wss");

  private record Row(String netty, String ours, String difference) {}

  /** Returns the rows of the table in the section about a class. */
  private static List<Row> table(Class<?> config) throws IOException {
    String page = Files.readString(PAGE);
    String heading = "## Options of " + config.getSimpleName() + "\n";
    int start = page.indexOf(heading);
    assertTrue(start >= 0, heading);
    String section = page.substring(start, page.indexOf("\n## ", start + 1));
    return section
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.substring(2, line.length() - 1).split(" ?\\| ?", -1))
        .peek(cells -> assertTrue(cells.length >= 3, () -> Arrays.toString(cells)))
        .map(cells -> new Row(cells[0].replace("`", ""), cells[1].strip(), cells[2].strip()))
        .toList();
  }

  private static Set<String> methods(Class<?>... types) {
    return Stream.of(types)
        .flatMap(type -> Stream.of(type.getMethods()))
        .filter(method -> method.getDeclaringClass() != Object.class)
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @FieldSource("NETTYS")
  void everyOptionOfNettysHasARowAndEveryRowIsAnOption(Class<?> config) throws Exception {
    Set<String> options = methods(Class.forName(config.getName() + "$Builder"));
    options.remove("build");
    List<String> rows = table(config).stream().map(Row::netty).toList();
    assertEquals(options, new TreeSet<>(rows));
    assertEquals(options.size(), rows.size(), "each once");
  }

  @ParameterizedTest
  @FieldSource("NETTYS")
  void everyRowNamesAnOptionOfOursThatExistsOrSaysWhyThereIsNone(Class<?> config)
      throws IOException {
    Set<String> ours = methods(OURS);
    for (Row row : table(config)) {
      List<String> named = CODE.matcher(row.ours()).results().map(name -> name.group(1)).toList();
      assertTrue(ours.containsAll(named), row::toString);
      assertFalse(named.isEmpty() && row.difference().isEmpty(), row::toString);
    }
  }

  @Test
  void everyNameInThePageIsAnOptionOfOursOrOfNettys() throws Exception {
    Set<String> known = methods(OURS);
    String page = Files.readString(PAGE);
    for (String called : names(page, "`([a-z]\\w*)\\([^`]*`")) {
      assertTrue(known.contains(called), called);
    }
    for (Class<?> config : NETTYS) {
      known.addAll(methods(Class.forName(config.getName() + "$Builder")));
    }
    known.addAll(OTHERS);
    for (String named : names(page, "`([a-z]\\w*)`")) {
      assertTrue(known.contains(named), named);
    }
  }

  private static List<String> names(String page, String pattern) {
    return Pattern.compile(pattern).matcher(page).results().map(name -> name.group(1)).toList();
  }

  @Test
  void theReadmeLeadsToThePage() throws IOException {
    String readme = Files.readString(ModuleFiles.inRepository("README.md"));
    assertTrue(readme.contains("(websocket-netty/docs/from-netty.md)"));
  }
}
