package io.github.websocketnetty.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * What a network does to connections: client and server on hosts of their own, with a cable between
 * them that is pulled out. TCP says nothing then for many minutes; what tells are the timeouts.
 * Skipped where the machine does not let us make hosts.
 *
 * <p>A ping each 500 ms that must be answered within a second, the second that a close frame may
 * take to be flushed on its way to a silent peer; opening and closing within a second.
 */
@Tag("sockets")
class NetworkFaultsTest {
  private static final String NOTHING_SENT =
      "ConnectionClosedErrorException: no close frame received or sent";
  private static final String TIMED_OUT =
      "ConnectionClosedErrorException: sent 1011 (internal error) keepalive ping timeout; no close"
          + " frame received";

  /** Until the next ping, until it is not answered, and until the close frame is given up. */
  private static final Duration KEEPALIVE =
      FaultyHost.PING.plus(FaultyHost.TIMEOUT).plus(Duration.ofSeconds(1));

  /** How long the cable is out where it is put back. */
  private static final Duration OUTAGE = Duration.ofMillis(500);

  private static final String SLOW = "tbf rate 16mbit burst 32kb latency 100ms";

  /** A busy machine needs time to do what is due. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static FaultyNetwork network;
  private static HostProcess server;
  private static HostProcess client;
  private static String hasty;
  private static String patient;

  private String name;
  private long cut;

  @BeforeAll
  static void setUp() throws Exception {
    network = FaultyNetwork.create();
    server = new HostProcess(network.serverSide());
    client = new HostProcess(network.clientSide(), FaultyNetwork.SERVER_ADDRESS);
    String[] ports = server.await("ports").split(" ");
    hasty = ports[0];
    patient = ports[1];
    client.await("ready");
    // Once with a working cable, so that all classes are there when time counts.
    open("open", hasty + "/echo");
    client.order("ping");
    assertEquals("ok", client.await("ping"));
    client.order("close");
    assertTrue(client.await("close").startsWith("ConnectionClosedOkException: "));
    server.await("served");
  }

  @AfterAll
  static void tearDown() throws IOException {
    if (server != null) {
      server.close();
      client.close();
    }
    if (network != null) {
      network.close();
    }
  }

  @BeforeEach
  void begin(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
    server.forget();
    client.forget();
  }

  @AfterEach
  void repair() throws IOException {
    network.unshape();
    network.connect();
  }

  private static void open(String order, String portAndPath) throws InterruptedException {
    client.order(order + " " + portAndPath);
    assertEquals("ok", client.await("open"));
  }

  private void cutTheCable() throws IOException {
    network.cut();
    cut = System.nanoTime();
  }

  /** Waits for what becomes of something, which is bounded by the time since the cable was cut. */
  private void assertTold(HostProcess host, String what, String told, Duration bound)
      throws InterruptedException {
    assertEquals(told, host.await(what));
    assertWithin(what, bound);
  }

  private void assertWithin(String what, Duration bound) {
    Duration time = Duration.ofNanos(System.nanoTime() - cut);
    report("%s: %s after %d ms, bound %d".formatted(name, what, time.toMillis(), bound.toMillis()));
    assertTrue(time.compareTo(bound.plus(GRACE)) <= 0, what + " took " + time);
  }

  @Test
  void linkDownDuringSendFailsTheSendAndBothEnds() throws Exception {
    open("open", hasty + "/sink");
    client.order("send");
    client.await("sending");
    cutTheCable();
    assertTold(
        client, "send", NOTHING_SENT, KEEPALIVE); // its close frame stands behind the message
    assertTold(server, "served", TIMED_OUT, KEEPALIVE);
  }

  @Test
  void linkDownDuringReceiveAndPingFailsBothAndBothEnds() throws Exception {
    open("open", hasty + "/echo");
    client.order("recv");
    cutTheCable();
    client.order("ping");
    assertTold(client, "recv", TIMED_OUT, KEEPALIVE);
    assertTold(client, "ping", TIMED_OUT, KEEPALIVE);
    assertTold(server, "served", TIMED_OUT, KEEPALIVE);
  }

  @Test
  void linkDownBeforeCloseIsEndedByTheCloseTimeout() throws Exception {
    open("open", hasty + "/echo");
    cutTheCable();
    client.order("close");
    assertTold(
        client,
        "close",
        "ConnectionClosedErrorException: sent 1000 (OK); no close frame received",
        FaultyHost.TIMEOUT);
    assertTold(server, "served", TIMED_OUT, KEEPALIVE);
  }

  @Test
  void linkDownBeforeConnectIsEndedByTheOpenTimeout() throws Exception {
    cutTheCable();
    client.order("openHastily " + hasty + "/echo");
    assertTold(
        client,
        "open",
        "HandshakeException: timed out during opening handshake",
        FaultyHost.TIMEOUT);
  }

  @Test
  void linkDownDuringHandshakeIsEndedByTheOpenTimeout() throws Exception {
    client.order("openHastily " + hasty + "/late");
    server.await("asked");
    cutTheCable();
    assertTold(
        client,
        "open",
        "HandshakeException: timed out during opening handshake",
        FaultyHost.TIMEOUT);
  }

  @Test
  void linkThatComesBackLosesNothing() throws Exception {
    network.shape(SLOW); // or all would be sent before
    open("openPatiently", patient + "/sink");
    client.order("sendAll");
    server.await("begun");
    cutTheCable();
    LockSupport.parkNanos(OUTAGE.toNanos());
    network.connect();
    awaitAllIsReceived();
    report(name + ": all is done after " + (System.nanoTime() - cut) / 1_000_000 + " ms");
  }

  @Test
  void lossAndDelayLoseNothing() throws Exception {
    network.shape("netem delay 20ms 5ms loss 2%");
    sendAllPatiently();
  }

  /** 64 chunks of 64 KiB need two seconds at 16 Mbit/s. */
  @Test
  void slowLinkLosesNothing() throws Exception {
    network.shape(SLOW);
    sendAllPatiently();
  }

  private void sendAllPatiently() throws Exception {
    long start = System.nanoTime();
    open("openPatiently", patient + "/sink");
    client.order("sendAll");
    awaitAllIsReceived();
    report(name + ": all is done after " + (System.nanoTime() - start) / 1_000_000 + " ms");
  }

  private static void awaitAllIsReceived() throws InterruptedException {
    client.await("sent all");
    client.order("close");
    assertTrue(client.await("close").startsWith("ConnectionClosedOkException: "));
    assertEquals("64", server.await("received"));
    assertTrue(server.await("served").startsWith("ConnectionClosedOkException: "));
  }

  /** Writes down what was measured. */
  private static void report(String measured) {
    try {
      Files.writeString(
          ModuleFiles.inTarget("network-faults.txt"),
          measured + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException unimportant) {
      System.err.println(measured);
    }
  }
}
