package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.CommandRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @Test
  void withoutArgumentsTheExamplesAreListed() {
    CommandRun run = run();
    assertEquals(0, run.status());
    for (String example :
        new String[] {
          "chat", "stream-file", "pipeline", "echo-server", "client", "autobahn-client"
        }) {
      assertTrue(run.out().contains("\n  " + example + " "), run.out());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "echo-server,--port --host --threads --transport --max-size --max-fragments"
        + " --ping-interval --ping-timeout --close-timeout --api --compression",
    "chat,--port --host",
    "pipeline,--port --host",
    "stream-file,send receive",
    "stream-file send,FILE URI",
    "stream-file receive,FILE --port --host",
    "client,URI",
    "autobahn-client,URI --agent --case-timeout --max-size --max-fragments"
  })
  void helpShowsTheOptionsOfAnExample(String example, String options) {
    CommandRun run = run((example + " --help").split(" "));
    assertEquals(0, run.status());
    for (String option : options.split(" ")) {
      assertTrue(run.out().contains(option), run.out());
    }
  }

  @Test
  void helpShowsTheDefaults() {
    String help = run("echo-server", "--help").out().replaceAll("\\s+", " ");
    assertTrue(help.matches(".*--host=H [^-]*Default: 127\\.0\\.0\\.1 .*"), help);
    assertTrue(help.matches(".*--max-size=BYTES [^-]*Default: 16777216 .*"), help);
    assertTrue(help.matches(".*--ping-interval=S [^-]*Default: 20 .*"), help);
    assertTrue(help.matches(".*--ping-timeout=S [^-]*Default: 20 .*"), help);
    assertTrue(help.matches(".*--close-timeout=S [^-]*Default: 10 .*"), help);
    assertTrue(
        help.matches(".*--api=connection\\|blocking\\|handler .*Default: connection .*"), help);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no-such-example",
        "chat --port 65536",
        "pipeline --port -1",
        "stream-file receive no-such-file --port 70000",
        "client ws://localhost/ --max-size -1",
        "stream-file send",
        "client",
        "autobahn-client",
        "autobahn-client ws://localhost/ --max-size -1",
        "autobahn-client ws://localhost/ --max-fragments 0",
        "echo-server --port",
        "echo-server --port http",
        "echo-server --port 65536",
        "echo-server --port -1",
        "echo-server --threads -1",
        "echo-server --max-size -1",
        "echo-server --max-fragments 0",
        "echo-server --max-fragments -1",
        "echo-server --ping-interval soon",
        "echo-server --ping-timeout -1",
        "echo-server --close-timeout 1s",
        "echo-server --transport pigeon",
        "echo-server --api telepathy",
        "echo-server --compression deflate",
        "echo-server surplus"
      })
  void wrongArgumentsEndWithStatusTwo(String arguments) {
    CommandRun run = run(arguments.split(" "));
    assertEquals(2, run.status());
    assertFalse(run.err().isBlank());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "autobahn-client", "stream-file send pom.xml"})
  void whatIsNoUriIsShownWithoutItsPassword(String example) {
    CommandRun run = run((example + " ws://duke:sesame{@host/").split(" "));
    assertEquals(2, run.status());
    assertTrue(run.err().contains("'ws://host/' is not a URI: Illegal character"), run.err());
    assertFalse(run.err().contains("sesame"), run.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chat", "pipeline", "echo-server", "stream-file receive target/no-such-file"})
  void addressThatCannotBeListenedOnEndsWithStatusOne(String example) throws IOException {
    assertFails(example + " --host 192.0.2.1 --port 80", "cannot listen on 192\\.0\\.2\\.1:80: .+");
    assertFails(
        example + " --host host.invalid", "cannot listen on host\\.invalid:8080: unknown host");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      assertFails(
          example + " --port " + port,
          "cannot listen on 127\\.0\\.0\\.1:"
              + port
              + ": Address already in use; try another --port");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "client ws://127.0.0.1:1/ -> .*onnection refused.*",
        "client ws://host.invalid/ -> .*: unknown host",
        "client http://localhost/ -> .*scheme isn't ws or wss",
        "client localhost:8080 -> .*scheme isn't ws or wss",
        "stream-file send pom.xml ws://127.0.0.1:1/ -> .*onnection refused.*",
        "stream-file send pom.xml ws://host.invalid/ -> .*: unknown host",
        "stream-file send pom.xml http://localhost/ -> .*scheme isn't ws or wss",
        "stream-file send no-such-file ws://127.0.0.1:1/ -> cannot read the file no-such-file",
        "stream-file receive pom.xml -> pom.xml exists already",
        "stream-file receive no-such-folder/file -> there is no folder for no-such-folder/file",
        "autobahn-client ws://127.0.0.1:1 -> .*onnection refused.*"
      })
  void whatGoesWrongIsSaidInOneLine(String example) {
    String[] parts = example.split(" -> ");
    assertFails(parts[0], parts[1]);
  }

  private static void assertFails(String arguments, String line) {
    CommandRun run = run(arguments.split(" "));
    assertEquals(1, run.status(), run.err());
    assertTrue(run.err().strip().matches(line), run.err());
  }

  private static CommandRun run(String... arguments) {
    return CommandRun.of(Main.commandLine(), arguments);
  }
}
