package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.DeflateReferences;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How far the messages that we compress refer back. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class DeflateWindowTest {
  private final List<Sender> open = new ArrayList<>();

  /** One direction of a connection, and a peer that looks at every reference. */
  private static final class Sender {
    private final MessageDeflater deflater;
    private final boolean takeover;
    private DeflateReferences peer = new DeflateReferences();
    private int farthest;

    Sender(boolean takeover, int level, int windowBits, int liveContexts, int parkedHistory) {
      this.takeover = takeover;
      deflater =
          new MessageDeflater(
              new DeflateAgreement(
                  true, takeover, level, 0, 15, windowBits, liveContexts, parkedHistory));
    }

    /** Returns the bytes on the wire. */
    int send(byte[] payload, boolean fin) {
      ByteBuf out =
          deflater.deflate(UnpooledByteBufAllocator.DEFAULT, Unpooled.wrappedBuffer(payload), fin);
      byte[] wire = ByteBufUtil.getBytes(out);
      out.release();
      assertArrayEquals(payload, peer.message(wire, fin));
      assertTrue(wire.length <= largest(payload.length), payload.length + " grew: " + wire.length);
      farthest = Math.max(farthest, peer.farthest());
      if (fin && !takeover) {
        peer = new DeflateReferences(); // a reference to the message before fails
      }
      return wire.length;
    }
  }

  /** Returns what a receiver allows a frame on the wire whose payload may be that long. */
  private static long largest(int length) {
    return FrameLimits.DEFAULT.withMaxFragmentSize(length).deflated().maxFragmentSize();
  }

  @AfterEach
  void end() {
    open.forEach(each -> each.deflater.end());
  }

  private Sender open(boolean takeover, int level, int windowBits, int live, int history) {
    Sender sender = new Sender(takeover, level, windowBits, live, history);
    open.add(sender);
    return sender;
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  /** A part of which returns again and again, at every distance. */
  private static byte[] world(Random random) {
    byte[] world = new byte[150_000];
    for (int i = 0; i < world.length; i++) {
      world[i] = (byte) ("{\"id\":, value}".charAt(i % 14) + random.nextInt(3));
    }
    for (int i = 0; i < 3000; i++) {
      int length = 3 + random.nextInt(300);
      int from = random.nextInt(world.length - 40_000);
      int to = Math.min(world.length - length, from + random.nextInt(40_000));
      System.arraycopy(world, from, world, to, length);
    }
    System.arraycopy(noise(20_000), 0, world, 40_000, 20_000);
    Arrays.fill(world, 80_000, 100_000, (byte) 0);
    return world;
  }

  private static int length(Random random, int window) {
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> 1 + random.nextInt(3);
      case 2 -> window / 2 - 2 + random.nextInt(4);
      case 3 -> window - 2 + random.nextInt(4);
      case 4 -> 16_384 - 2 + random.nextInt(4);
      case 5 -> random.nextInt(70_000);
      case 6, 7 -> random.nextInt(2 * window);
      default -> random.nextInt(1 + window / 3);
    };
  }

  static Stream<Arguments> windows() {
    return IntStream.rangeClosed(8, 15)
        .boxed()
        .flatMap(
            bits ->
                Stream.of(true, false)
                    .flatMap(
                        takeover ->
                            Stream.of(0, 1, 32).map(live -> Arguments.of(bits, takeover, live))));
  }

  // DEFL-24, DEFL-30
  @ParameterizedTest
  @MethodSource("windows")
  void noReferenceGoesBeyondTheWindow(int bits, boolean takeover, int liveContexts) {
    Random random = new Random(bits);
    byte[] world = world(random);
    int window = 1 << bits;
    int[] levels = {-1, 1, 9, 0, 4};
    for (int level : levels) {
      Sender sender = open(takeover, level, bits, liveContexts, 1000);
      Sender other = open(takeover, level, bits, liveContexts, 1000);
      for (int i = 0; i < 60; i++) {
        int length = length(random, window);
        int start = random.nextInt(world.length - length);
        byte[] payload = Arrays.copyOfRange(world, start, start + length);
        sender.send(payload, i % 4 != 1); // now and then in fragments
        if (i % 7 == 0) {
          other.send(payload, true); // and parks the first, if one context is live
        }
      }
      sender.send(new byte[1], true);
      assertTrue(sender.farthest <= window, sender.farthest + " bytes back");
      if (level == 9) {
        assertTrue(sender.farthest > window / 2, "the window is used: " + sender.farthest);
      }
    }
  }

  // DEFL-13: as much is remembered as fits
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14})
  void messageRefersToTheOneBeforeWithinTheWindow(int bits) {
    for (int live : new int[] {0, 32}) {
      Sender sender = open(true, -1, bits, live, 0);
      byte[] noise = noise(1 << bits - 1);
      for (int i = 0; i < 5; i++) {
        int length = sender.send(noise, true);
        assertEquals(i > 0, length < noise.length / 3, length + " bytes");
      }
    }
  }

  // DEFL-13
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLongMessageRefersToItself(boolean takeover) {
    Sender sender = open(takeover, -1, 10, 32, 0);
    byte[] noise = noise(400);
    byte[] payload = new byte[100 * noise.length];
    for (int i = 0; i < payload.length; i += noise.length) {
      System.arraycopy(noise, 0, payload, i, noise.length);
    }
    int length = sender.send(payload, true);
    assertTrue(length < payload.length / 20, length + " bytes");
  }

  // DEFL-13: a message that fits is compressed as with any window
  @Test
  void messageNoLargerThanTheWindowLosesNothing() {
    byte[] payload = Arrays.copyOf(world(new Random(1)), 1 << 12);
    int small = open(false, -1, 12, 32, 0).send(payload, true);
    assertEquals(open(false, -1, 15, 32, 0).send(payload, true), small);
  }
}
