package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.fragments;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The examples as processes of their own: what they print, and how signals end them. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
class ProgramTest {
  private static final int PATIENCE_SECONDS = 30;

  private final List<Process> processes = new ArrayList<>();
  private final Map<Process, Integer> ports = new HashMap<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @EnumSource
  void serverSaysGoodbyeWhenTerminated(Api api) throws Exception {
    Process server =
        start("echo-server", "--port", "0", "--api", api.name().toLowerCase(Locale.ROOT));
    try (RawClient unopened = RawClient.connect(portOf(server));
        RawClient client = RawClient.open(portOf(server))) {
      client.send(text("hello"));
      client.expect(text("hello"));
      terminate(server);
      client.expect(close(1001, ""));
      client.send(close(1001, ""));
      client.expectEnd();
      unopened.expectEnd();
    }
    assertEquals(0, exitStatus(server));
    assertEquals("", leftover(server));
  }

  @Test
  void serverDoesNotWaitLongerThanTheCloseTimeout() throws Exception {
    Process server = start("echo-server", "--port", "0", "--close-timeout", "0.2");
    try (RawClient silent = RawClient.open(portOf(server))) {
      terminate(server);
      silent.expect(close(1001, ""));
      assertEquals(0, exitStatus(server));
    }
  }

  @Test
  void serverTakesItsOptions() throws Exception {
    Process server =
        start(
            ("echo-server --port 0 --host localhost --threads 1 --transport nio --max-size 10"
                    + " --ping-interval 0.05 --ping-timeout 5 --close-timeout 1 --api handler"
                    + " --compression off")
                .split(" "));
    String line = server.inputReader().readLine();
    Matcher listening = Pattern.compile("listening on ws://localhost:(\\d+)/").matcher(line);
    assertTrue(listening.matches(), line);
    try (RawClient client = RawClient.open(Integer.parseInt(listening.group(1)))) {
      assertEquals(9, client.read().opcode());
      client.send(text("01234567890"));
      int opcode = 9;
      while (opcode == 9) {
        opcode = client.read().opcode();
      }
      assertEquals(8, opcode);
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverTakesWhatAutobahnSendsUnlessToldOtherwise(Api api) throws Exception {
    String name = api.name().toLowerCase(Locale.ROOT);
    Process server = start("echo-server", "--port", "0", "--api", name);
    try (RawClient client = RawClient.open(portOf(server))) {
      RawFrame largest = binary(new byte[16 << 20]);
      client.send(largest);
      client.expect(largest);
      client.send(concat(bytesOf(fragments(4 << 20, 64))));
      client.expect(binary(new byte[4 << 20]));
      client.closeNormally();
    }
    Process strict = start("echo-server", "--port", "0", "--api", name, "--max-fragments", "3");
    try (RawClient client = RawClient.open(portOf(strict))) {
      client.send(concat(bytesOf(fragments(4, 1))));
      client.expectClose(1009);
    }
  }

  @Test
  void pipeThroughTheClientPrintsTheEcho() throws Exception {
    Process server = start("echo-server", "--port", "0");
    Process client = start("client", "ws://127.0.0.1:" + portOf(server) + "/");
    client.getOutputStream().write("hi é\n".getBytes(StandardCharsets.UTF_8));
    client.getOutputStream().close();
    assertEquals(0, exitStatus(client));
    List<String> lines = client.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertEquals(List.of("< hi é", "Connection closed: 1000 (OK)."), lines.subList(1, 3));
    assertEquals("", leftover(client));
  }

  @Test
  void clientEndsWellWithTheServer() throws Exception {
    Process server = start("echo-server", "--port", "0");
    Process client = start("client", "ws://127.0.0.1:" + portOf(server) + "/");
    BufferedReader printed = client.inputReader();
    assertTrue(printed.readLine().startsWith("Connected to "));
    terminate(server);
    assertEquals("Connection closed: 1001 (going away).", printed.readLine());
    assertEquals(0, exitStatus(client));
    assertEquals(0, exitStatus(server));
  }

  @Test
  void chatSaysGoodbyeWhenTerminated() throws Exception {
    Process chat = start("chat", "--port", "0");
    String line = chat.inputReader().readLine();
    Matcher open = Pattern.compile("open http://127\\.0\\.0\\.1:(\\d+)/").matcher(line);
    assertTrue(open.matches(), line);
    try (RawClient client = RawClient.connect(Integer.parseInt(open.group(1)))) {
      terminate(chat);
      client.expectEnd();
    }
    assertEquals(0, exitStatus(chat));
    assertEquals("", leftover(chat));
  }

  @Test
  void pipelineServesHttpAndWebSocketAndSaysGoodbye() throws Exception {
    Process pipeline = start("pipeline", "--port", "0");
    String line = pipeline.inputReader().readLine();
    Matcher open = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/ and .*/echo").matcher(line);
    assertTrue(open.matches(), line);
    int port = Integer.parseInt(open.group(1));
    try (RawClient http = RawClient.connect(port);
        RawClient webSocket = RawClient.connect(port)) {
      http.send("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertTrue(http.readHead().startsWith("HTTP/1.1 200 OK\r\n"));
      webSocket.send(RawClient.REQUEST.replaceFirst("/\\S+", "/echo"));
      webSocket.expectSwitch();
      webSocket.send(text("hello"));
      webSocket.expect(text("hello"));
      terminate(pipeline);
      webSocket.expect(close(1001, ""));
      webSocket.send(close(1001, ""));
      webSocket.expectEnd();
    }
    assertEquals(0, exitStatus(pipeline));
    assertEquals("", leftover(pipeline));
  }

  @Test
  void clientWithoutAServerFails() throws Exception {
    assertEquals(1, exitStatus(start("client", "ws://127.0.0.1:1/")));
  }

  private static byte[][] bytesOf(List<RawFrame> frames) {
    return frames.stream().map(RawFrame::bytes).toArray(byte[][]::new);
  }

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    if (Runtime.version().feature() >= 22) {
      command.add(1, "--enable-native-access=ALL-UNNAMED"); // the manifest of the jar does that
    }
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    processes.add(process);
    return process;
  }

  private int portOf(Process server) throws IOException {
    Integer known = ports.get(server);
    if (known == null) {
      String line = server.inputReader().readLine();
      Matcher listening =
          Pattern.compile("listening on ws://127\\.0\\.0\\.1:(\\d+)/").matcher(line);
      assertTrue(listening.matches(), line);
      known = Integer.parseInt(listening.group(1));
      ports.put(server, known);
    }
    return known;
  }

  /** Sends SIGTERM. */
  private static void terminate(Process process) {
    process.toHandle().destroy(); // unlike process.destroy(), this leaves the streams open
  }

  private static int exitStatus(Process process) throws InterruptedException {
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "still running");
    return process.exitValue();
  }

  /** Whatever a program that has ended complained about, leaks included. */
  private static String leftover(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
