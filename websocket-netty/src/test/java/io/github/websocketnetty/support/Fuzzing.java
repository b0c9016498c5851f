package io.github.websocketnetty.support;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The bounded run of a fuzz target, part of every build: all its seeds, among them all inputs that
 * once failed, and inputs made of them, the same ones each time. The long run, guided by coverage,
 * is in the profile {@code fuzz}.
 */
public final class Fuzzing {
  private static final int LONGEST_INPUT = 4096;
  private static final int MOST_CHANGES = 6;
  private static final int LONGEST_CHANGE = 16;

  /** Bytes at the borders of what wire formats distinguish. */
  private static final int[] INTERESTING = {
    0x00, 0x01, 0x02, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0x88, 0x89, 0xBF, 0xC2, 0xED, 0xF0, 0xF4,
    0xFE, 0xFF, ' ', '\r', '\n', '"', ',', ';', '=', ':', '\\'
  };

  private final List<byte[]> seeds;
  private final SplittableRandom random = new SplittableRandom(42);

  private Fuzzing(List<byte[]> seeds) {
    this.seeds = seeds;
  }

  /** What is to hold for any bytes. */
  @FunctionalInterface
  public interface Target {
    /** Fails if it does not hold. */
    void run(byte[] data) throws Exception;
  }

  /** Tries the seeds of {@code test}, and {@code count} inputs made of them. */
  public static void run(Class<?> test, int count, Target target) throws IOException {
    List<byte[]> seeds = seeds(test);
    seeds.forEach(seed -> run(target, seed));
    seeds.add(new byte[0]);
    Fuzzing fuzzing = new Fuzzing(seeds);
    for (int i = 0; i < count; i++) {
      run(target, fuzzing.next());
    }
  }

  /** Lets time pass until the channel is closed, at most a minute: more than all timeouts. */
  public static void passTime(EmbeddedChannel channel) {
    for (int seconds = 0; seconds < 60 && channel.isOpen(); seconds += 5) {
      channel.advanceTimeBy(5, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      channel.runPendingTasks();
    }
  }

  private static void run(Target target, byte[] data) {
    try {
      target.run(data);
      LeakPresenceDetector.check();
    } catch (Throwable t) {
      throw new AssertionError("fails with the input " + ByteBufUtil.hexDump(data), t);
    }
  }

  /** Reads the files that Jazzer reads, too. */
  private static List<byte[]> seeds(Class<?> test) throws IOException {
    String name = test.getName().replace('.', '/');
    Path directory = ModuleFiles.inModule("src/test/resources/" + name + "Inputs/fuzz");
    List<byte[]> seeds = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        seeds.add(Files.readAllBytes(file));
      }
    }
    return seeds;
  }

  private byte[] next() {
    byte[] data = seed();
    if (random.nextInt(4) == 0) {
      byte[] other = seed();
      byte[] begin = Arrays.copyOf(data, random.nextInt(data.length + 1));
      data = WireFrame.join(begin, Arrays.copyOfRange(other, begin(other), other.length));
    }
    for (int changes = random.nextInt(MOST_CHANGES) + 1; changes > 0; changes--) {
      data = changed(data);
    }
    return data.length > LONGEST_INPUT ? Arrays.copyOf(data, LONGEST_INPUT) : data;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size())).clone();
  }

  private int begin(byte[] data) {
    return random.nextInt(data.length + 1);
  }

  private byte[] changed(byte[] data) {
    int at = begin(data);
    int end = Math.min(at + 1 + random.nextInt(LONGEST_CHANGE), data.length);
    byte[] before = Arrays.copyOf(data, at);
    switch (random.nextInt(5)) {
      case 0: // one bit
        if (at < data.length) {
          data[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return data;
      case 1: // one byte
        if (at < data.length) {
          data[at] = interesting();
        }
        return data;
      case 2: // some more
        byte[] more = new byte[1 + random.nextInt(LONGEST_CHANGE)];
        random.nextBytes(more);
        more[0] = interesting();
        return WireFrame.join(before, more, Arrays.copyOfRange(data, at, data.length));
      case 3: // some less
        return WireFrame.join(before, Arrays.copyOfRange(data, end, data.length));
      default: // some again
        return WireFrame.join(
            Arrays.copyOf(data, end), Arrays.copyOfRange(data, at, end), tail(data, end));
    }
  }

  private byte interesting() {
    return (byte) INTERESTING[random.nextInt(INTERESTING.length)];
  }

  private static byte[] tail(byte[] data, int from) {
    return Arrays.copyOfRange(data, from, data.length);
  }
}
