package io.github.websocketnetty.hostile;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.support.TestCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.ByteBufUtil;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The servers that are attacked, in a process of their own, so that its limits of memory are
 * theirs. Each has one event loop, so that whoever occupies it makes all others wait.
 *
 * <p>It is told what to do by lines of its standard input and answers each with a line; at the end
 * of the input it ends.
 */
final class ServerUnderAttack {
  private static final byte[] FEED = new byte[64 << 10];
  private static final AtomicInteger LEAKS = new AtomicInteger();

  private final WebSocketServer ordinary;
  private final WebSocketServer hasty;
  private final WebSocketServer encrypted;

  private ServerUnderAttack() throws Exception {
    ordinary = routes(WebSocketServer.builder()).bind(0).get();
    hasty = routes(hasty(WebSocketServer.builder())).bind(0).get();
    encrypted =
        routes(hasty(WebSocketServer.builder()).tls(TestCertificate.server())).bind(0).get();
  }

  /** Starts the servers and obeys. */
  public static void main(String[] arguments) throws Exception {
    ByteBufUtil.setLeakListener((type, records) -> LEAKS.incrementAndGet());
    ServerUnderAttack servers = new ServerUnderAttack();
    System.out.println(
        "ports %d %d %d"
            .formatted(servers.ordinary.port(), servers.hasty.port(), servers.encrypted.port()));
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      System.out.println(servers.obey(order));
    }
    System.exit(0);
  }

  private String obey(String order) throws Exception {
    return switch (order) {
      case "usage" -> usage();
      case "fill" -> fill();
      default -> throw new IllegalArgumentException(order);
    };
  }

  /** All that is not about time as it is by default. */
  private static WebSocketServer.Builder hasty(WebSocketServer.Builder server) {
    return server
        .handshake(ServerHandshakeOptions.builder().openTimeout(Duration.ofSeconds(1)).build())
        .options(
            ConnectionOptions.builder()
                .closeTimeout(Duration.ofSeconds(1))
                .pingInterval(Duration.ofSeconds(1))
                .pingTimeout(Duration.ofSeconds(1))
                .build());
  }

  private static WebSocketServer.Builder routes(WebSocketServer.Builder server) {
    return server
        .threads(1)
        .route("/echo", connection -> connection.forEachAsync(connection::send))
        .route("/silent", Connection::waitClosed)
        .route("/careless", connection -> connection.forEach(connection::send))
        .route("/once", Connection::recv)
        .route("/feed", ServerUnderAttack::feed);
  }

  /** Sends as much as the peer takes. */
  private static CompletionStage<?> feed(Connection connection) {
    return connection.send(FEED).thenComposeAsync(sent -> feed(connection));
  }

  private String usage() throws IOException {
    System.gc();
    ByteBufAllocator.DEFAULT.buffer(1).release(); // reports leaks that the collector found
    return "usage heap=%d direct=%d rss=%d files=%d threads=%d connections=%d leaks=%d"
        .formatted(
            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
            direct(),
            resident(),
            files(),
            ManagementFactory.getThreadMXBean().getThreadCount(),
            ordinary.connections().size()
                + hasty.connections().size()
                + encrypted.connections().size(),
            LEAKS.get());
  }

  /** Whichever knows more: from JDK 25 on Netty's memory is unknown to the virtual machine. */
  private static long direct() {
    long netty = 0;
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
      netty = provider.metric().usedDirectMemory();
    }
    long jdk =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return Math.max(netty, jdk);
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    return 0;
  }

  private static long files() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  /** Shows that the limit holds for Netty's allocator, by running into it. */
  private static String fill() {
    List<ByteBuf> buffers = new ArrayList<>();
    try {
      while (buffers.size() < 1024) {
        buffers.add(ByteBufAllocator.DEFAULT.directBuffer(1 << 20));
      }
      return "filled " + buffers.size();
    } catch (OutOfMemoryError full) {
      return "filled " + buffers.size();
    } finally {
      buffers.forEach(ByteBuf::release);
    }
  }
}
