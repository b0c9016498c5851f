package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many fragments a message may have, wherever they are received. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass(name = "{0}, {1}, {2}")
@MethodSource("places")
class FragmentLimitTest {
  private static final int FREE = 16_384;
  private static final int SIZE = 4 << 20;

  /** Where fragments arrive. */
  enum Receiver {
    FRAMES,
    MESSAGES,
    SINK
  }

  /** What is negotiated. */
  enum Deflate {
    NONE,
    TAKEOVER,
    NO_TAKEOVER
  }

  @Parameter(0)
  Side side;

  @Parameter(1)
  Receiver receiver;

  @Parameter(2)
  Deflate deflate;

  private final Count received = new Count();
  private EmbeddedChannel channel;

  static Stream<Arguments> places() {
    return Arrays.stream(Side.values())
        .flatMap(
            side ->
                Arrays.stream(Receiver.values())
                    .flatMap(
                        receiver ->
                            Arrays.stream(Deflate.values())
                                .map(deflate -> Arguments.of(side, receiver, deflate))));
  }

  /** Counts what arrives. */
  private static final class Count extends ChannelInboundHandlerAdapter implements FrameSink {
    private int frames;
    private long bytes;
    private boolean isWhole;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      WebSocketFrame frame = (WebSocketFrame) message;
      onFrame(frame.isFinalFragment(), 0, 0, null, 0, frame.content().readableBytes());
      frame.release();
    }

    @Override
    public void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
      frames++;
      bytes += length;
      isWhole |= fin;
    }
  }

  private void open(long maxMessageSize) {
    open(maxMessageSize, FrameLimits.FRAGMENTS_BY_SIZE);
  }

  private void open(long maxMessageSize, int maxFragments) {
    WebSocketPipeline.Builder builder =
        side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
    builder.maxMessageSize(maxMessageSize).aggregateMessages(receiver == Receiver.MESSAGES);
    if (maxFragments != FrameLimits.FRAGMENTS_BY_SIZE) {
      builder.maxFragments(maxFragments);
    }
    channel = new EmbeddedChannel();
    channel.freezeTime();
    builder.build().addLast(channel.pipeline(), agreement());
    channel.pipeline().addLast(received);
    if (receiver == Receiver.SINK) {
      channel.pipeline().get(WebSocketFrameCodec.class).receiveData(received);
    }
  }

  private DeflateAgreement agreement() {
    boolean takeover = deflate == Deflate.TAKEOVER;
    return deflate == Deflate.NONE
        ? null
        : new DeflateAgreement(takeover, takeover, Deflater.DEFAULT_COMPRESSION, 0);
  }

  @AfterEach
  void end() {
    if (channel == null) {
      return; // what the test is about was not negotiated
    }
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
  }

  private byte[] fragment(int index, boolean fin, int rsv, byte[] payload) {
    int opcode = index == 0 ? Opcode.BINARY : Opcode.CONTINUATION;
    return WireFrame.of(fin, index == 0 ? rsv : 0, opcode, side == Side.SERVER, payload);
  }

  private void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** Sends the first frame of a message and then others that look alike, until one is refused. */
  private void sendEndlessly(int rsv, byte[] payload) {
    receive(fragment(0, false, rsv, payload));
    byte[] next = fragment(1, false, rsv, payload);
    byte[][] read = new byte[1000][];
    Arrays.fill(read, next);
    byte[] many = WireFrame.join(read);
    for (int sent = 0; sent < 1_000_000 && channel.outboundMessages().isEmpty(); sent += 1000) {
      receive(many);
    }
  }

  private void assertRefused(String reason) {
    ByteBuf sent = channel.readOutbound();
    int header = side == Side.SERVER ? 2 : 6;
    byte[] payload = new byte[sent.readableBytes() - header];
    int key = side == Side.SERVER ? 0 : sent.getInt(2);
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (sent.getByte(header + i) ^ key >>> 8 * (3 - i % 4));
    }
    sent.release();
    assertEquals(
        "1009 " + reason, payload.length < 2 ? "" : describe(Unpooled.wrappedBuffer(payload)));
    assertFalse(received.isWhole);
  }

  private static String describe(ByteBuf payload) {
    CloseStatus status = CloseStatus.decode(payload);
    return status.code() + " " + status.reason();
  }

  private void assertRefusedAt(int fragments, String reason) {
    assertRefused(reason);
    if (receiver != Receiver.MESSAGES) {
      assertEquals(fragments, received.frames);
    }
  }

  private void assertWhole(long bytes) {
    assertTrue(channel.outboundMessages().isEmpty(), "refused");
    assertTrue(received.isWhole);
    assertEquals(bytes, received.bytes);
  }

  // OPT-23
  @ParameterizedTest
  @ValueSource(ints = {64, 65, 1000})
  void messageOfTheMaximumSizeMayComeInFragmentsOf(int size) {
    open(SIZE);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int count = SIZE / size;
    for (int i = 0; i < count; i++) {
      read.writeBytes(fragment(i, i == count - 1, 0, new byte[size]));
      if (read.size() > 1 << 16 || i == count - 1) {
        receive(read.toByteArray());
        read.reset();
      }
    }
    assertWhole((long) count * size);
  }

  // OPT-23, DEFL-12: a fragment of 64 bytes is a few bytes on the wire
  @Test
  void messageOfTheMaximumSizeMayComeInCompressedFragments() {
    assumeFalse(deflate == Deflate.NONE);
    open(SIZE);
    Zlib peer = new Zlib();
    int count = SIZE / 64;
    for (int i = 0; i < count; i++) {
      boolean fin = i == count - 1;
      byte[] part = new byte[64];
      receive(fragment(i, fin, 4, fin ? peer.message(part) : peer.flushed(part)));
    }
    peer.end();
    assertWhole(SIZE);
  }

  // OPT-23, DEFL-22: who compresses a message and then cuts it
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void compressedMessageOfTheMaximumSizeMayBeCutIntoFragments(boolean isRandom) {
    assumeFalse(deflate == Deflate.NONE);
    open(SIZE);
    byte[] message = new byte[SIZE];
    if (isRandom) {
      new Random(1).nextBytes(message);
    }
    byte[] wire = Zlib.alone(message);
    for (int i = 0; i * 64 < wire.length; i++) {
      int to = Math.min(wire.length, i * 64 + 64);
      receive(fragment(i, to == wire.length, 4, Arrays.copyOfRange(wire, i * 64, to)));
    }
    assertWhole(SIZE);
  }

  // OPT-23
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, SIZE, FrameLimits.UNLIMITED})
  void emptyFragmentsAreRefusedBehindTheFreeOnes(long maxMessageSize) {
    open(maxMessageSize);
    sendEndlessly(0, new byte[0]);
    assertRefusedAt(FREE, "message has more than 16384 fragments in 0 bytes");
  }

  // OPT-23: the bytes that they have earn a few more
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, SIZE, FrameLimits.UNLIMITED})
  void fragmentsOfOneByteAreRefusedSoon(long maxMessageSize) {
    open(maxMessageSize);
    sendEndlessly(0, new byte[1]);
    assertRefusedAt(16_644, "message has more than 16644 fragments in 16644 bytes");
  }

  // OPT-23: how small compressed fragments can be was counted, not how many of them a limit allows
  @ParameterizedTest
  @CsvSource({
    "0, 16384",
    "1, 21844",
  })
  void compressedFragmentsWithoutContentAreRefused(int size, int fragments) {
    assumeFalse(deflate == Deflate.NONE);
    open(FrameLimits.UNLIMITED);
    // A byte each of empty stored blocks: 00 00 00 ff ff
    byte[] first = fragment(0, false, 4, new byte[0]);
    receive(first);
    byte[] block = {0, 0, 0, -1, -1};
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      byte[] payload = size == 0 ? new byte[0] : new byte[] {block[i % block.length]};
      read.writeBytes(fragment(1, false, 0, payload));
    }
    receive(read.toByteArray());
    int bytes = size == 0 ? 0 : fragments - 1;
    assertRefusedAt(
        fragments, "message has more than " + fragments + " fragments in " + bytes + " bytes");
  }

  // OPT-23: a compressed message has no more fragments than the largest that is not
  @Test
  void compressedFragmentsAreLimitedByTheLargestMessage() {
    assumeFalse(deflate == Deflate.NONE);
    open(64 << 10);
    byte[] block = {0, 0, 0, -1, -1};
    sendEndlessly(4, block);
    long wire =
        new FrameLimits(64 << 10, 1, FrameLimits.FRAGMENTS_BY_SIZE).deflated().maxMessageSize();
    int most = FREE + (int) (wire / 64);
    assertRefusedAt(most, "message has more than " + most + " fragments in " + 5 * most + " bytes");
  }

  // OPT-23
  @Test
  void emptyFragmentsAreRefusedAlsoBehindAMegabyte() {
    open(SIZE);
    receive(fragment(0, false, 0, new byte[1 << 20]));
    byte[][] read = new byte[FREE + FREE + 1][];
    Arrays.fill(read, fragment(1, false, 0, new byte[0]));
    receive(WireFrame.join(read));
    assertRefusedAt(2 * FREE, "message has more than 32768 fragments in 1048576 bytes");
  }

  // OPT-23
  @Test
  void everyMessageHasTheFreeFragments() {
    open(SIZE);
    byte[][] read = new byte[FREE][];
    Arrays.fill(read, fragment(1, false, 0, new byte[0]));
    for (int i = 0; i < 2; i++) {
      read[0] = fragment(0, false, 0, new byte[0]);
      read[FREE - 1] = fragment(1, true, 0, new byte[0]);
      receive(WireFrame.join(read));
      assertWhole(0);
      received.isWhole = false;
    }
  }

  // OPT-23
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20_000})
  void numberThatWasSetIsExactWhateverTheSize(int most) {
    open(SIZE, most);
    byte[][] read = new byte[most + 1][];
    Arrays.fill(read, fragment(1, false, 0, new byte[64]));
    read[0] = fragment(0, false, 0, new byte[64]);
    receive(WireFrame.join(Arrays.copyOf(read, most)));
    assertTrue(channel.outboundMessages().isEmpty());
    receive(read[most]);
    assertRefusedAt(most, "message has more than " + most + " fragments");
  }

  // OPT-23, RECV-04: parts of a large frame are no fragments
  @Test
  void partsInWhichALargeFrameArrivesDoNotCount() {
    open(SIZE, 2);
    channel.pipeline().get(WebSocketFrameCodec.class).deliverParts(true);
    receive(fragment(0, false, 0, new byte[1]));
    byte[] large = fragment(1, true, 0, new byte[1 << 17]);
    for (int from = 0; from < large.length; from += 1000) {
      receive(Arrays.copyOfRange(large, from, Math.min(large.length, from + 1000)));
    }
    assertWhole((1 << 17) + 1);
  }

  // OPT-23
  @Test
  void largestNumberIsNoLimit() {
    open(SIZE, Integer.MAX_VALUE);
    sendEndlessly(0, new byte[0]);
    receive(fragment(1, true, 0, new byte[0]));
    assertWhole(0);
  }
}
