package io.github.websocketnetty.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * Two network namespaces with a cable between them: that of the client and that of the server. The
 * cable is cut at the server's end; the client has no way to know but silence.
 */
final class FaultyNetwork implements AutoCloseable {
  static final String SERVER_ADDRESS = "10.213.7.1";

  private static final String CLIENT_ADDRESS = "10.213.7.2";

  private final String serverSide = "wsn-s" + ProcessHandle.current().pid();
  private final String clientSide = "wsn-c" + ProcessHandle.current().pid();

  private FaultyNetwork() {}

  /**
   * Makes them.
   *
   * @throws TestAbortedException if this machine does not allow that, which skips the test
   */
  static FaultyNetwork create() throws IOException {
    FaultyNetwork network = new FaultyNetwork();
    try {
      network.set("ip netns add " + network.serverSide);
      network.set("ip netns add " + network.clientSide);
      network.set(
          "ip link add server netns %s type veth peer name client netns %s"
              .formatted(network.serverSide, network.clientSide));
      network.set(
          "ip -n %s addr add %s/24 dev server".formatted(network.serverSide, SERVER_ADDRESS));
      network.set(
          "ip -n %s addr add %s/24 dev client".formatted(network.clientSide, CLIENT_ADDRESS));
      network.set("ip -n %s link set client up".formatted(network.clientSide));
      network.connect();
      network.set("ip netns exec %s true".formatted(network.serverSide));
      return network;
    } catch (IOException refused) {
      network.close();
      throw new TestAbortedException(
          "no network namespaces here, which need root and iproute2: " + refused.getMessage());
    }
  }

  String serverSide() {
    return serverSide;
  }

  String clientSide() {
    return clientSide;
  }

  /** Pulls the cable out. */
  void cut() throws IOException {
    set("ip -n %s link set server down".formatted(serverSide));
  }

  /** Puts it back. */
  void connect() throws IOException {
    set("ip -n %s link set server up".formatted(serverSide));
  }

  /**
   * Lets packets of both sides pass a queue.
   *
   * @param discipline such as {@code netem delay 50ms}
   * @throws TestAbortedException if the kernel does not know it, which skips the test
   */
  void shape(String discipline) throws IOException {
    try {
      set("tc -n %s qdisc replace dev server root %s".formatted(serverSide, discipline));
      set("tc -n %s qdisc replace dev client root %s".formatted(clientSide, discipline));
    } catch (IOException unknown) {
      throw new TestAbortedException("no such queue here: " + unknown.getMessage());
    }
  }

  /** Takes the queues away. */
  void unshape() throws IOException {
    run("tc -n %s qdisc del dev server root".formatted(serverSide));
    run("tc -n %s qdisc del dev client root".formatted(clientSide));
  }

  private void set(String command) throws IOException {
    String complaint = run(command);
    if (complaint != null) {
      throw new IOException(command + ": " + complaint);
    }
  }

  /** Returns what it complains about, or null. */
  private static String run(String command) throws IOException {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "takes too long";
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
    return process.exitValue() == 0 ? null : output;
  }

  @Override
  public void close() throws IOException {
    for (String namespace : List.of(serverSide, clientSide)) {
      try {
        run("ip netns del " + namespace);
      } catch (IOException noSuchProgram) {
        return;
      }
    }
  }
}
