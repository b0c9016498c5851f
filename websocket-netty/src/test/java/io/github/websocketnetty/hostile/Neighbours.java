package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.WireFrame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Three others on the same event loop, who behave well and want to be served all the time: one with
 * small messages, one with large ones, one who always comes anew.
 *
 * <p>What they wait while this process itself stands still is not held against the server.
 */
final class Neighbours implements AutoCloseable {
  private static final Duration WITHIN = Duration.ofSeconds(1);
  private static final int PATIENCE_MILLIS = 30_000;
  private static final byte[] GOODBYE = WireFrame.close(true, 1000, "");

  private final InetSocketAddress server;
  private final boolean tls;
  private final AtomicLong slowest = new AtomicLong();
  private final AtomicLong served = new AtomicLong();
  private final AtomicLong stall = new AtomicLong();
  private final List<Thread> threads;
  private volatile boolean isOver;
  private volatile Throwable failure;

  private Neighbours(InetSocketAddress server, boolean tls, boolean comeAnew) {
    this.server = server;
    this.tls = tls;
    threads =
        Stream.<Job>of(
                () -> stay(0, 50, 5),
                () -> stay(1, 50_000, 20),
                comeAnew ? () -> comeAndGo(2) : () -> stay(2, 50, 5),
                this::watchTheClock)
            .map(this::thread)
            .toList();
  }

  /** Since when each waits for service; zero while it waits for nothing. */
  private final AtomicLongArray since = new AtomicLongArray(3);

  private interface Job {
    void run() throws Exception;
  }

  static Neighbours of(InetSocketAddress server) {
    return new Neighbours(server, false, true).start();
  }

  static Neighbours encrypted(InetSocketAddress server) {
    return new Neighbours(server, true, true).start();
  }

  /** The third stays, too. */
  static Neighbours thatStay(InetSocketAddress server) {
    return new Neighbours(server, false, false).start();
  }

  private Neighbours start() {
    threads.forEach(Thread::start);
    return this;
  }

  private Thread thread(Job job) {
    Thread thread =
        new Thread(
            () -> {
              try {
                job.run();
              } catch (Throwable unserved) {
                failure = unserved;
              }
            });
    thread.setDaemon(true);
    return thread;
  }

  /** Returns how long the slowest service took so far, that which is not over included. */
  Duration slowest() {
    if (failure != null) {
      throw new AssertionError("a neighbour was not served", failure);
    }
    for (int i = 0; i < since.length(); i++) {
      long start = since.get(i);
      if (start != 0) {
        slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
      }
    }
    return Duration.ofNanos(slowest.get());
  }

  /** Returns how long this process stood still at most. */
  Duration stall() {
    return Duration.ofNanos(stall.get());
  }

  /** Returns how often they were served. */
  long served() {
    return served.get();
  }

  /** Returns whether nobody waited longer than a second. */
  boolean isServedInTime() {
    return slowest().compareTo(WITHIN.plus(stall().multipliedBy(2))) <= 0;
  }

  /** Waits until they were served so often more. */
  void awaitServed(int times) {
    long target = served() + times;
    while (served() < target) {
      slowest(); // or the failure
      pause(1);
    }
  }

  /** Waits until they were served so often, and lets them go. */
  void serveAndClose(int times) {
    awaitServed(times);
    close();
    slowest();
  }

  private void stay(int who, int length, int pauseMillis) throws Exception {
    byte[] payload = WireFrame.letters(length);
    try (Socket socket = open()) {
      while (!isOver) {
        begin(who);
        echo(socket, payload);
        served(who);
        pause(pauseMillis);
      }
      socket.getOutputStream().write(GOODBYE);
    }
  }

  private void comeAndGo(int who) throws Exception {
    byte[] payload = WireFrame.letters(5);
    while (!isOver) {
      begin(who);
      try (Socket socket = open()) {
        echo(socket, payload);
        socket.getOutputStream().write(GOODBYE);
        socket.getInputStream().readAllBytes();
      }
      served(who);
      pause(20);
    }
  }

  private void watchTheClock() {
    while (!isOver) {
      long start = System.nanoTime();
      LockSupport.parkNanos(1_000_000);
      stall.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  private void begin(int who) {
    since.set(who, System.nanoTime());
  }

  private void served(int who) {
    slowest.accumulateAndGet(System.nanoTime() - since.getAndSet(who, 0), Math::max);
    served.incrementAndGet();
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(millis * 1_000_000L);
  }

  private Socket open() throws Exception {
    Socket socket = tls ? trusting().getSocketFactory().createSocket() : new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(server);
    byte[] request = RawPeer.request("/echo").getBytes(StandardCharsets.US_ASCII);
    socket.getOutputStream().write(request);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("not let in: " + head);
      }
      head.append((char) next);
    }
    return socket;
  }

  private static void echo(Socket socket, byte[] payload) throws IOException {
    socket.getOutputStream().write(WireFrame.of(2, true, payload));
    byte[] expected = WireFrame.of(2, false, payload);
    assertArrayEquals(expected, nextData(socket, expected.length));
  }

  /** Skips empty pings, of which the server sends some. */
  private static byte[] nextData(Socket socket, int length) throws IOException {
    byte[] first = socket.getInputStream().readNBytes(2);
    while (first[0] == (byte) 0x89) {
      socket.getInputStream().readNBytes(first[1]);
      first = socket.getInputStream().readNBytes(2);
    }
    byte[] frame = Arrays.copyOf(first, length);
    socket.getInputStream().readNBytes(frame, 2, length - 2);
    return frame;
  }

  private static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
    return context;
  }

  @Override
  public void close() {
    isOver = true;
    try {
      for (Thread thread : threads) {
        thread.join(PATIENCE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
