package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.fragments;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.CommandRun;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawFrame;
import io.github.websocketnetty.examples.support.RawServer;
import io.github.websocketnetty.examples.support.RawServer.Peer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakFailure.class)
class AutobahnClientTest {
  private static final int SIXTEEN_MIB = 16 << 20;

  private final List<String> requests = new CopyOnWriteArrayList<>();

  @Test
  void allCasesAreRunAndThenTheReportsWritten() throws IOException {
    try (RawServer server = RawServer.start(this::fuzz)) {
      CommandRun run = run(server.uri(), "--agent", "us & them");
      assertEquals("", run.err());
      assertEquals(0, run.status());
      assertEquals(
          List.of(
              "/getCaseCount",
              "/runCase?case=1&agent=us+%26+them",
              "/runCase?case=2&agent=us+%26+them",
              "/runCase?case=3&agent=us+%26+them",
              "/updateReports?agent=us+%26+them"),
          requests);
      List<String> lines = run.out().lines().toList();
      assertEquals("case 1/3: OK", lines.get(0));
      assertTrue(lines.get(2).startsWith("case 3/3: sent 1002 (protocol error) "), lines.get(2));
      assertEquals("ran 3 of 3 cases as us & them", lines.get(3));
    }
  }

  @Test
  void agentHasAName() throws IOException {
    try (RawServer server = RawServer.start(this::fuzz)) {
      String withoutSlash = server.uri().substring(0, server.uri().length() - 1);
      assertEquals(0, run(withoutSlash).status());
      assertEquals("/updateReports?agent=websocket-netty", requests.get(4));
    }
  }

  @Test
  void serverThatIsNotAFuzzingServerIsAFailure() throws IOException {
    try (RawServer server = RawServer.start(client -> client.closeWith(1000))) {
      CommandRun run = run(server.uri());
      assertTrue(run.err().contains(": received 1000 (OK); then sent 1000 (OK)"), run.err());
      assertEquals(1, run.status());
    }
  }

  @Test
  void missingServerIsAFailure() {
    assertEquals(1, run("ws://127.0.0.1:1").status());
  }

  private void fuzz(Peer client) throws IOException {
    requests.add(client.resource());
    String request = client.resource().replaceAll("&agent=.*", "");
    switch (request) {
      case "/getCaseCount" -> client.send(text("3"));
      case "/runCase?case=1" -> checkEchoes(client);
      case "/runCase?case=2" -> checkLargestEcho(client);
      case "/runCase?case=3" -> {
        client.send(text("bad").reserved(4));
        assertEquals(1002, client.read().closeCode());
        return;
      }
      default -> assertTrue(request.startsWith("/updateReports?agent="), request);
    }
    client.closeWith(1000);
  }

  private static void checkEchoes(Peer client) throws IOException {
    client.send(text("a").unfinished());
    client.send(ping("p"));
    client.send(continuation("b"));
    client.expect(pong("p"));
    client.expect(text("ab"));
    client.send(text(""));
    client.expect(text(""));
  }

  private static void checkLargestEcho(Peer client) throws IOException {
    RawFrame largest = binary(new byte[SIXTEEN_MIB]);
    client.send(largest);
    client.expect(largest);
    for (RawFrame each : fragments(4 << 20, 64)) {
      client.send(each);
    }
    client.expect(binary(new byte[4 << 20]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--max-size 2", "--max-fragments 2"})
  void limitsCanBeSet(String limit) throws IOException {
    try (RawServer server = RawServer.start(AutobahnClientTest::exceed)) {
      CommandRun run = run((server.uri() + " " + limit).split(" "));
      assertEquals("", run.err());
      String line = run.out().lines().findFirst().orElseThrow();
      assertTrue(line.startsWith("case 1/1: sent 1009 (message too big) "), line);
    }
  }

  private static void exceed(Peer client) throws IOException {
    if (client.resource().equals("/getCaseCount")) {
      client.send(text("1"));
    } else if (client.resource().startsWith("/runCase")) {
      for (RawFrame each : fragments(3, 1)) {
        client.send(each);
      }
      assertEquals(1009, client.read().closeCode());
      return;
    }
    client.closeWith(1000);
  }

  private static CommandRun run(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "autobahn-client";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return CommandRun.of(Main.commandLine(), all);
  }
}
