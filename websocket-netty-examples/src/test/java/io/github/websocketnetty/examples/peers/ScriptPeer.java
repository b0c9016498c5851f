package io.github.websocketnetty.examples.peers;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A peer in another language, in a process of its own. */
final class ScriptPeer {
  private final String program;
  private final String script;
  private final String check;
  private final String checkOption;

  /**
   * Creates a peer.
   *
   * @param check a program that fails if the library is not there
   * @param checkOption how to pass it
   */
  ScriptPeer(String program, String script, String check, String checkOption) {
    this.program = program;
    this.script = script;
    this.check = check;
    this.checkOption = checkOption;
  }

  boolean isInstalled() throws IOException, InterruptedException {
    boolean isThere =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
    if (!isThere) {
      return false;
    }
    Process process = builder(checkOption, check).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor() == 0;
  }

  private ProcessBuilder builder(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = program;
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putIfAbsent("NODE_PATH", "/usr/share/nodejs"); // where Debian has it
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    return builder;
  }

  private Process start(String... arguments) throws IOException, URISyntaxException {
    Path file = Path.of(ScriptPeer.class.getResource("/peers/" + script).toURI());
    String[] all = new String[arguments.length + 1];
    all[0] = file.toString();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return builder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String[] withBits(int[] bits, String... arguments) {
    return Stream.concat(Stream.of(arguments), IntStream.of(bits).mapToObj(Integer::toString))
        .toArray(String[]::new);
  }

  /**
   * Starts a server.
   *
   * @param bits the windows to ask for, the server's and the client's, or nothing
   */
  PeerServer server(int... bits) throws Exception {
    Process process = start(withBits(bits, "server"));
    String line = lines(process).poll(PeerClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
    int port = Integer.parseInt(line.substring("listening ".length()));
    return PeerServer.onPort(port, () -> stop(process));
  }

  /**
   * Opens a connection.
   *
   * @param bits the windows to ask for, the server's and the client's, or nothing
   */
  PeerClient client(URI uri, int... bits) throws Exception {
    Process process = start(withBits(bits, "client", uri.toString()));
    BufferedWriter input = process.outputWriter(StandardCharsets.UTF_8);
    BlockingQueue<String> events = lines(process);
    return new PeerClient() {
      @Override
      public void tell(String command) throws IOException {
        input.write(command + "\n");
        input.flush();
      }

      @Override
      public String next() throws InterruptedException {
        return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }

      @Override
      public void close() throws InterruptedException {
        stop(process);
      }
    };
  }

  /** Reading from a process cannot be interrupted, so that is done by a thread of its own. */
  private static BlockingQueue<String> lines(Process process) {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    Thread reader =
        new Thread(
            () -> {
              try {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                lines.add(e.toString());
              }
            },
            "peer");
    reader.setDaemon(true);
    reader.start();
    return lines;
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PeerClient.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
