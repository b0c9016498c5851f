package io.github.websocketnetty.protocol;

import static io.github.websocketnetty.support.WireFrame.letters;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that take their contexts over, of which few are kept as they are. */
@ExtendWith(LeakCheck.class)
class ParkedContextTest {
  private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;
  private static final FrameLimits LIMITS = new FrameLimits(1 << 20, 1 << 20, 1000);
  private static final int LARGEST = 1 << 15;
  private static final byte[] TEXT = letters(300);

  private final List<Connection> open = new ArrayList<>();

  /** Both directions of a connection, and what its peer makes of them. */
  private static final class Connection {
    private final Zlib peer = new Zlib();
    private final MessageDeflater deflater;
    private final MessageInflater inflater;

    Connection(DeflateAgreement agreement) {
      deflater = new MessageDeflater(agreement);
      inflater = new MessageInflater(agreement, LIMITS, false);
    }

    /** Sends a frame, which must arrive. Returns its compressed bytes. */
    int send(byte[] data, boolean fin) {
      byte[] bytes = deflate(data, fin);
      assertArrayEquals(data, peer.inflate(bytes, fin));
      return bytes.length;
    }

    byte[] deflate(byte[] data, boolean fin) {
      ByteBuf payload = Unpooled.copiedBuffer(data);
      ByteBuf deflated = deflater.deflate(ALLOCATOR, payload, fin);
      byte[] bytes = ByteBufUtil.getBytes(deflated);
      deflated.release();
      payload.release();
      return bytes;
    }

    void receive(byte[] data, boolean first, boolean fin) {
      if (data.length == 0) {
        receive(data, first, fin, new byte[fin ? 1 : 0]); // zlib flushes nothing twice
      } else {
        receive(data, first, fin, fin ? peer.message(data) : peer.flushed(data));
      }
    }

    void receive(byte[] data, boolean first, boolean fin, byte[] compressed) {
      int rsv = first ? MessageInflater.RSV1 : 0;
      int opcode = first ? Opcode.BINARY : Opcode.CONTINUATION;
      inflater.accept(fin, rsv, opcode, Unpooled.copiedBuffer(compressed));
      ByteBuf inflated = inflater.rest(ALLOCATOR);
      byte[] bytes = ByteBufUtil.getBytes(inflated);
      inflated.release();
      assertArrayEquals(data, bytes);
    }

    void receiveUncompressed(byte[] data) {
      ByteBuf payload = Unpooled.copiedBuffer(data);
      inflater.accept(true, 0, Opcode.BINARY, payload);
      payload.release();
    }

    void end() {
      deflater.end();
      inflater.end();
      peer.end();
    }
  }

  private Connection open(int liveContexts, int parkedHistory, int level) {
    Connection connection =
        new Connection(new DeflateAgreement(true, true, level, 0, 15, liveContexts, parkedHistory));
    open.add(connection);
    return connection;
  }

  /** What only something that refers to the same bytes can shorten. */
  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  @AfterEach
  void end() {
    open.forEach(Connection::end);
  }

  // DEFL-13, DEFL-26: whatever is parked when, the peer decompresses what was sent, and we what it
  // sent
  @ParameterizedTest
  @CsvSource({
    "0, 8192, -1", "1, 8192, -1", "3, 8192, -1", "0, 32768, -1", "2, 32768, 9", "1, 0, -1",
    "2, 1, 1", "1, 1000, 3", "0, 20000, 2", "2, 8192, 0", "0, 32768, 4", "100, 8192, -1"
  })
  void anyMessagesGoThereAndBack(int liveContexts, int parkedHistory, int level) {
    Random random = new Random(liveContexts * 31L + parkedHistory + level);
    for (int i = 0; i < 5; i++) {
      open(liveContexts, parkedHistory, level);
    }
    boolean[] receiving = new boolean[open.size()];
    byte[] world = world(random);
    for (int i = 0; i < 1500; i++) {
      int which = random.nextInt(open.size());
      Connection connection = open.get(which);
      boolean fin = random.nextInt(4) > 0;
      byte[] data = message(random, world);
      if (random.nextBoolean()) {
        connection.send(data, fin);
      } else if (!receiving[which] && random.nextInt(8) == 0) {
        connection.receiveUncompressed(data);
      } else {
        connection.receive(data, !receiving[which], fin);
        receiving[which] = !fin;
      }
    }
    // Messages that are not over end with their connection.
  }

  /** Bytes that resemble each other over any distance, with some that resemble nothing. */
  private static byte[] world(Random random) {
    byte[] world = letters(200_000);
    for (int i = 0; i < 2000; i++) {
      System.arraycopy(world, random.nextInt(100_000), world, random.nextInt(199_000), 1000);
      world[random.nextInt(world.length)] = (byte) random.nextInt();
    }
    byte[] noise = noise(20_000);
    System.arraycopy(noise, 0, world, 50_000, noise.length);
    return world;
  }

  private static byte[] message(Random random, byte[] world) {
    int length =
        switch (random.nextInt(20)) {
          case 0 -> 0;
          case 1 -> 1;
          case 2 -> LARGEST - 2 + random.nextInt(4);
          case 3 -> random.nextInt(100_000);
          case 4, 5, 6 -> random.nextInt(9000);
          default -> random.nextInt(700);
        };
    int start = random.nextInt(world.length - length);
    return Arrays.copyOfRange(world, start, start + length);
  }

  // DEFL-13
  @Test
  void parkedContextIsTakenOver() {
    Connection connection = open(0, 8192, -1);
    int first = connection.send(TEXT, true);
    connection.receive(TEXT, true, true);
    for (int i = 0; i < 3; i++) {
      assertTrue(connection.send(TEXT, true) < first / 2, "refers to the first");
      connection.receive(TEXT, true, true);
    }
  }

  // DEFL-13
  @Test
  void theContextUsedLongestAgoMakesRoom() {
    Connection[] three = {open(2, 0, -1), open(2, 0, -1), open(2, 0, -1)};
    byte[] noise = noise(300);
    for (int each : new int[] {0, 1, 0, 2}) {
      three[each].send(noise, true);
      three[each].send(TEXT, true); // no more than this is remembered
    }
    assertTrue(three[0].send(noise, true) < 100, "is live");
    assertTrue(three[2].send(noise, true) < 100, "is live");
    assertTrue(three[1].send(noise, true) >= 300, "was parked");
    assertTrue(three[1].send(noise, true) < 100, "is live again");
    three[0].send(TEXT, true);
    three[1].send(TEXT, true);
    assertTrue(three[2].send(noise, true) < 100, "remembers that");
  }

  // DEFL-13: while a message is not over its context is needed as it is
  @Test
  void messageInFragmentsIsNotParked() {
    Connection talking = open(1, 0, -1);
    byte[] noise = noise(300);
    talking.send(noise, false);
    talking.send(TEXT, false); // no more than this would be remembered
    byte[] whole = talking.peer.message(TEXT);
    byte[] head = Arrays.copyOf(whole, whole.length / 2);
    byte[] rest = Arrays.copyOfRange(whole, head.length, whole.length);
    talking.inflater.accept(
        false, MessageInflater.RSV1, Opcode.BINARY, Unpooled.copiedBuffer(head));
    ByteBuf start = talking.inflater.rest(ALLOCATOR);
    byte[] expected = Arrays.copyOfRange(TEXT, start.readableBytes(), TEXT.length);
    start.release();
    for (int i = 0; i < 10; i++) {
      Connection other = open(1, 0, -1);
      other.send(TEXT, true);
      other.receive(TEXT, true, true);
    }
    assertTrue(talking.send(noise, true) < 100);
    talking.receive(expected, false, true, rest);
  }

  // DEFL-13
  @Test
  void snapshotsLargerThanTheHistoryAreRemembered() {
    Connection connection = open(0, 1000, -1);
    byte[] noise = noise(20_000);
    connection.send(noise, true);
    assertTrue(connection.send(noise, true) < 300);
    assertTrue(connection.send(TEXT, true) > 10);
    assertTrue(connection.send(Arrays.copyOf(noise, 15_000), true) > 300, "partly forgotten");
  }

  // DEFL-01, DEFL-26: what the peer has promised not to refer to need not be remembered
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 12, 15})
  void peersWindowIsRemembered(int bits) {
    byte[] noise = noise(LARGEST);
    int window = 1 << Math.max(9, bits);
    Connection connection = new Connection(new DeflateAgreement(true, true, -1, 0, bits, 0, 8192));
    open.add(connection);
    connection.receive(noise, true, true);
    byte[] oldest = Arrays.copyOfRange(noise, LARGEST - window, LARGEST - window + 100);
    connection.receive(oldest, true, true, referring(window));
    if (bits < 15) {
      byte[] beyond = referring(window + 1);
      assertThrows(ProtocolException.class, () -> connection.receive(oldest, true, true, beyond));
    }
  }

  /** Returns a block of fixed codes that copies 100 bytes from so far back. */
  private static byte[] referring(int distance) {
    Bits bits = new Bits();
    bits.add(2, 3); // not final, fixed codes
    bits.addCode(279 - 256, 7); // lengths 99 to 114
    bits.add(100 - 99, 4);
    int code = 0;
    int base = 1;
    int extra = 0;
    while (distance >= base + (1 << extra)) {
      base += 1 << extra;
      code++;
      extra = Math.max(0, code / 2 - 1);
    }
    bits.addCode(code, 5);
    bits.add(distance - base, extra);
    bits.addCode(0, 7); // the end of the block
    bits.add(0, 3); // the empty block, of which the rest was cut off
    return bits.toBytes();
  }

  /** Bits as DEFLATE packs them: the lowest first. */
  private static final class Bits {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int current;
    private int count;

    void add(int value, int length) {
      for (int i = 0; i < length; i++) {
        current |= (value >> i & 1) << count++;
        if (count == 8) {
          out.write(current);
          current = 0;
          count = 0;
        }
      }
    }

    /** Huffman codes are packed from their highest bit. */
    void addCode(int code, int length) {
      for (int i = length - 1; i >= 0; i--) {
        add(code >> i, 1);
      }
    }

    byte[] toBytes() {
      if (count > 0) {
        out.write(current);
      }
      return out.toByteArray();
    }
  }

  // DEFL-23: takeover does not end with a final block
  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void messageMayReferToWhatWasBeforeAFinalBlock(int liveContexts) {
    Connection connection = open(liveContexts, 8192, -1);
    byte[] noise = noise(300);
    connection.receive(noise, true, true, Zlib.finalBlock(noise));
    Deflater deflater = new Deflater(6, true);
    deflater.setDictionary(noise);
    deflater.setInput(noise);
    byte[] out = new byte[1000];
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    assertTrue(length < 100);
    connection.receive(noise, true, true, Arrays.copyOf(out, length));
  }

  // DEFL-13
  @Test
  void connectionMayMoveToAnotherThread() {
    Connection connection = open(1, 8192, -1);
    for (int i = 0; i < 20; i++) {
      int number = i;
      Runnable exchange =
          () -> {
            byte[] text = WireFrame.join(TEXT, new byte[] {(byte) number});
            connection.send(text, true);
            connection.receive(text, true, true);
          };
      if (i % 3 == 0) {
        CompletableFuture.runAsync(exchange).join();
      } else {
        exchange.run();
      }
      Connection other = open(1, 8192, -1);
      other.send(TEXT, true);
      other.receive(TEXT, true, true);
    }
    CompletableFuture.runAsync(connection::end).join();
  }

  // DEFL-13
  @Test
  void contextsSurviveTheEndOfTheirThreadsPool() {
    Connection connection = open(10, 8192, -1);
    connection.send(TEXT, true);
    connection.receive(TEXT, true, true);
    FastThreadLocal.removeAll();
    connection.send(TEXT, true);
    connection.receive(TEXT, true, true);
  }

  // DEFL-13
  @Test
  void endOfAConnectionGivesItsLiveContextBack() {
    ZlibShelf<Deflater> shelf = ZlibPool.ofThread().deflaters(7);
    Deflater first = shelf.take();
    shelf.release(first);
    Connection connection = open(10, 8192, 7);
    connection.send(TEXT, true);
    connection.deflater.end();
    assertSame(first, shelf.take());
    shelf.release(first);
    byte[] anew = connection.deflate(TEXT, true);
    assertArrayEquals(TEXT, Zlib.inflateAlone(anew), "remembers nothing");
  }
}
