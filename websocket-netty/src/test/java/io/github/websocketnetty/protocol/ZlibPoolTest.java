package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When memory outside the heap is taken for a connection, and when it is given back. */
@ExtendWith(LeakCheck.class)
class ZlibPoolTest {
  private static final int LEVEL = 3;
  private static final byte[] DATA = new byte[1000];
  private static final FrameLimits LIMITS = new FrameLimits(1 << 20, 1 << 20, 10);

  private final ZlibPool pool = ZlibPool.ofThread();

  private static DeflateAgreement agreement(boolean takeover) {
    return new DeflateAgreement(takeover, takeover, LEVEL, 0);
  }

  private Deflater nextDeflater() {
    Deflater next = pool.deflaters(LEVEL).take();
    pool.deflaters(LEVEL).release(next);
    return next;
  }

  private Inflater nextInflater() {
    Inflater next = pool.inflaters().take();
    pool.inflaters().release(next);
    return next;
  }

  private static void deflate(MessageDeflater deflater, boolean fin) {
    deflater.deflate(ByteBufAllocator.DEFAULT, Unpooled.wrappedBuffer(DATA), fin).release();
  }

  // DEFL-13
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void compressorIsTakenWithTheFirstMessageAndGivenBackAtTheEnd(boolean takeover) {
    Deflater first = nextDeflater();
    MessageDeflater deflater = new MessageDeflater(agreement(takeover));
    assertSame(first, nextDeflater(), "not taken before there is a message");
    deflate(deflater, false);
    assertNotSame(first, nextDeflater(), "taken while a message is open");
    deflate(deflater, true);
    deflater.end();
    deflater.end();
    assertSame(first, nextDeflater(), "given back");
  }

  // DEFL-13
  @Test
  void compressorWithoutTakeoverIsGivenBackWithEachMessage() {
    Deflater first = nextDeflater();
    MessageDeflater deflater = new MessageDeflater(agreement(false));
    deflate(deflater, true);
    assertSame(first, nextDeflater());
  }

  // DEFL-13
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void decompressorIsTakenWithTheFirstMessageAndGivenBackAtTheEnd(boolean takeover) {
    Inflater first = nextInflater();
    MessageInflater inflater = new MessageInflater(agreement(takeover), LIMITS, true);
    assertSame(first, nextInflater(), "not taken before there is a message");
    ByteBuf message = Unpooled.wrappedBuffer(Zlib.alone(DATA));
    inflater.accept(true, MessageInflater.RSV1, Opcode.BINARY, message);
    ByteBuf inflated = inflater.rest(ByteBufAllocator.DEFAULT);
    assertArrayEquals(DATA, ByteBufUtil.getBytes(inflated));
    inflated.release();
    Inflater next = nextInflater();
    assertEquals(!takeover, next == first, "kept only for what refers to it");
    inflater.end();
    assertSame(first, nextInflater());
  }

  @Test
  void noMoreThanFourAreKept() {
    List<Deflater> many = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      many.add(pool.deflaters(LEVEL).take());
    }
    many.forEach(pool.deflaters(LEVEL)::release);
    for (int i = 3; i >= 0; i--) {
      assertSame(many.get(i), pool.deflaters(LEVEL).take());
      many.get(i).end();
    }
    assertNotSame(many.get(4), nextDeflater());
  }
}
