package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.hex;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.CommandRun;
import io.github.websocketnetty.examples.support.EchoServers;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawServer;
import io.github.websocketnetty.examples.support.RawServer.Script;
import io.github.websocketnetty.examples.support.ServerKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(LeakFailure.class)
class TerminalClientTest {
  @Test
  void linesFromAPipeAreEchoedBeforeTheEnd() throws IOException {
    String uri = "ws://127.0.0.1:" + EchoServers.port(ServerKind.CONNECTION_NIO) + "/";
    CommandRun run = pipe("hi\né €\n\nno newline at the end", uri);
    assertEquals("", run.err());
    assertEquals(
        """
        Connected to %s.
        < hi
        < é €
        <\s
        < no newline at the end
        Connection closed: 1000 (OK).
        """
            .formatted(uri),
        run.out().replace(System.lineSeparator(), "\n"));
    assertEquals(0, run.status());
  }

  @Test
  void longInputIsEchoedWhole() throws IOException {
    String lines = IntStream.range(0, 10_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    String uri = "ws://127.0.0.1:" + EchoServers.port(ServerKind.CONNECTION_NIO) + "/";
    CommandRun run = pipe(lines, uri);
    String echoed =
        run.out()
            .lines()
            .filter(line -> line.startsWith("< "))
            .map(line -> line.substring(2) + "\n")
            .collect(Collectors.joining());
    assertEquals(lines, echoed);
  }

  // A server that answers the close at once, whatever its application still has to say.
  @Test
  void lateAnswerIsAwaited() throws IOException {
    Script answersLate =
        client -> {
          client.expect(text("question"));
          client.send(text("wait"));
          client.send(text("answer"));
          client.expect(close(1000, ""));
          client.send(close(1000, ""));
        };
    try (RawServer server = RawServer.start(answersLate)) {
      CommandRun run = pipe("question\n", server.uri());
      assertTrue(run.out().contains("< wait\n< answer\n"), run.out());
      assertEquals(0, run.status());
    }
  }

  @Test
  void messageBehindOurCloseFrameIsPrinted() throws IOException {
    Script answersLate =
        client -> {
          client.expect(text("question"));
          client.expect(close(1000, ""));
          client.send(text("answer"));
          client.send(close(1000, ""));
        };
    try (RawServer server = RawServer.start(answersLate)) {
      CommandRun run = pipe("question\n", server.uri(), "--linger", "0");
      assertTrue(run.out().contains("< answer\n"), run.out());
      assertEquals(0, run.status());
    }
  }

  @Test
  void binaryIsPrintedInHex() throws IOException {
    Script sendsBinary =
        client -> {
          client.send(binary(hex("00 7f 80 ff")));
          client.closeWith(1000);
        };
    try (RawServer server = RawServer.start(sendsBinary)) {
      CommandRun run = pipe("", server.uri());
      assertTrue(run.out().contains("< (binary) 007f80ff\n"), run.out());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000,0,1000 (OK).",
    "1001,0,1001 (going away).",
    "1011,1,1011 (internal error).",
    "1003,1,1003 (unsupported data).",
    "4000,1,4000 (private use)."
  })
  void statusTellsHowTheServerClosed(int code, int status, String printed) throws IOException {
    try (RawServer server = RawServer.start(client -> client.closeWith(code))) {
      CommandRun run = idle(server.uri());
      assertTrue(run.out().endsWith("Connection closed: " + printed + "\n"), run.out());
      assertEquals(status, run.status());
    }
  }

  @Test
  void reasonIsPrinted() throws IOException {
    Script closes =
        client -> {
          client.send(close(1000, "see you"));
          client.expect(close(1000, "see you"));
        };
    try (RawServer server = RawServer.start(closes)) {
      assertTrue(idle(server.uri()).out().contains("Connection closed: 1000 (OK) see you.\n"));
    }
  }

  @Test
  void endWithoutACloseFrameIsAFailure() throws IOException {
    try (RawServer server = RawServer.start(client -> {})) {
      CommandRun run = idle(server.uri());
      assertTrue(
          run.out().contains("Connection closed: 1006 (abnormal closure [internal]).\n"),
          run.out());
      assertEquals("no close frame received or sent\n", run.err());
      assertEquals(1, run.status());
    }
  }

  @Test
  void violationByTheServerIsAFailure() throws IOException {
    Script violates =
        client -> {
          client.send(text("x").reserved(1));
          client.read();
        };
    try (RawServer server = RawServer.start(violates)) {
      CommandRun run = idle(server.uri());
      assertTrue(run.err().startsWith("sent 1002 (protocol error) "), run.err());
      assertEquals(1, run.status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ws://127.0.0.1:1/",
        "http://127.0.0.1/",
        "ws://127.0.0.1:1/#fragment",
        "nonsense"
      })
  void failureToConnectIsSaid(String uri) {
    CommandRun run = idle(uri);
    assertTrue(run.err().startsWith("Failed to connect to " + uri + ": "), run.err());
    assertEquals("", run.out());
    assertEquals(1, run.status());
  }

  @Test
  void terminalGetsAPromptAndTheEndOfInputClosesAtOnce() throws IOException {
    Script echo =
        client -> {
          client.expect(text("hi"));
          client.send(text("you too"));
          client.expect(close(1000, ""));
          client.send(close(1000, ""));
        };
    try (RawServer server = RawServer.start(echo)) {
      CommandRun run = run(input("hi\n"), true, server.uri());
      assertTrue(run.out().startsWith("Connected to " + server.uri() + ".\n> "), run.out());
      assertTrue(run.out().contains("\r< you too\n> "), run.out());
      assertTrue(run.out().endsWith("\rConnection closed: 1000 (OK).\n"), run.out());
      assertEquals(0, run.status());
    }
  }

  private static CommandRun pipe(String typed, String... arguments) {
    return run(input(typed), false, arguments);
  }

  /** Runs with an input on which nothing is ever typed. */
  private static CommandRun idle(String uri) {
    try (PipedOutputStream keyboard = new PipedOutputStream()) {
      return run(new PipedInputStream(keyboard), false, uri);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static CommandRun run(InputStream input, boolean interactive, String... arguments) {
    CommandLine client =
        new CommandLine(new TerminalClient(input, interactive))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(Duration.class, new Seconds());
    CommandRun run = CommandRun.of(client, arguments);
    return new CommandRun(
        run.status(),
        run.out().replace(System.lineSeparator(), "\n"),
        run.err().replace(System.lineSeparator(), "\n"));
  }

  private static InputStream input(String typed) {
    return new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
  }
}
