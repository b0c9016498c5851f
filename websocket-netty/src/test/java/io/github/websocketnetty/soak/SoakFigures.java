package io.github.websocketnetty.soak;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;

/**
 * What the process holds when nothing is going on.
 *
 * @param resident all its memory, with what zlib takes; 0 where there is no {@code /proc}
 */
record SoakFigures(long heap, long direct, long resident, long files, int threads) {
  private static final Path SELF = Path.of("/proc/self");

  static SoakFigures now() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return new SoakFigures(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        usedDirect(),
        usedMemory(),
        openFiles(),
        ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private static long usedDirect() {
    long pooled =
        ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator
            ? allocator.metric().usedDirectMemory()
            : 0;
    return pooled
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  private static long openFiles() {
    try (Stream<Path> open = Files.list(SELF.resolve("fd"))) {
      return open.count();
    } catch (IOException e) {
      return 0; // no Linux
    }
  }

  private static long usedMemory() {
    Path status = SELF.resolve("status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the classes that take most of the heap. */
  static String largest() throws Exception {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {null},
                new String[] {String[].class.getName()});
    return histogram.toString().lines().limit(25).collect(Collectors.joining("\n"));
  }
}
