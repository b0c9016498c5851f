package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.DeflateReferences;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A message to connections that compress, each as it was negotiated. */
@ExtendWith(LeakCheck.class)
class BroadcastCompressionTest {
  private static final DeflateAgreement WITHOUT = new DeflateAgreement(true, false, 6, 100);
  private static final DeflateAgreement WITH = new DeflateAgreement(true, true, 6, 100);
  private static final byte[] LETTERS = WireFrame.letters(1000);
  private static final byte[] HUNDRED_LETTERS = WireFrame.letters(100);
  private static final byte[] FEW_LETTERS = WireFrame.letters(99);

  private final List<ConnectionFixture> all = new ArrayList<>();
  private final Map<ConnectionFixture, ByteBuf> written = new IdentityHashMap<>();
  private final Map<ConnectionFixture, Zlib> zlibs = new IdentityHashMap<>();

  @AfterEach
  void end() {
    all.forEach(ConnectionFixture::end);
    zlibs.values().forEach(Zlib::end);
  }

  /** Takes note of the buffer that a connection writes last. */
  private ConnectionFixture open(Side side, DeflateAgreement agreement) {
    ConnectionFixture opened = new ConnectionFixture(side, ConnectionOptions.defaults(), agreement);
    opened
        .channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                written.put(opened, root((ByteBuf) message));
                ctx.write(message, promise);
              }
            });
    all.add(opened);
    zlibs.put(opened, new Zlib());
    return opened;
  }

  private ConnectionFixture server(DeflateAgreement agreement) {
    return open(Side.SERVER, agreement);
  }

  private static ByteBuf root(ByteBuf buffer) {
    ByteBuf root = buffer;
    while (root.unwrap() != null) {
      root = root.unwrap();
    }
    return root;
  }

  private void broadcast(byte[] payload) {
    List<Connection> connections = new ArrayList<>();
    all.forEach(each -> connections.add(each.connection));
    BroadcastResult result = value(Connections.broadcast(connections, BinaryMessage.of(payload)));
    assertEquals(new BroadcastResult(all.size(), 0, List.of()), result);
  }

  private void assertSent(int rsv, byte[] payload, ConnectionFixture by) {
    Frame frame = by.sent();
    assertEquals(rsv, frame.rsv());
    assertEquals(Opcode.BINARY, frame.opcode());
    byte[] plain = rsv == 0 ? frame.payload() : zlibs.get(by).inflate(frame.payload(), frame.fin());
    assertArrayEquals(payload, plain);
  }

  @Test
  void connectionsWithoutContextTakeoverShareOneCompressedFrame() {
    ConnectionFixture first = server(WITHOUT);
    ConnectionFixture second = server(WITHOUT);
    ConnectionFixture third = server(new DeflateAgreement(false, false, 6, 1000));
    broadcast(LETTERS);
    for (ConnectionFixture each : all) {
      assertSent(4, LETTERS, each);
    }
    assertSame(written.get(first), written.get(second));
    assertSame(written.get(first), written.get(third), "the threshold makes no difference");
  }

  @Test
  void eachLevelHasItsFrame() {
    ConnectionFixture fast = server(new DeflateAgreement(true, false, 1, 100));
    ConnectionFixture small = server(new DeflateAgreement(true, false, 9, 100));
    ConnectionFixture usual = server(new DeflateAgreement(true, false, -1, 100));
    ConnectionFixture alsoFast = server(new DeflateAgreement(true, false, 1, 100));
    broadcast(LETTERS);
    for (ConnectionFixture each : all) {
      assertSent(4, LETTERS, each);
    }
    assertNotSame(written.get(fast), written.get(small));
    assertNotSame(written.get(small), written.get(usual));
    assertSame(written.get(fast), written.get(alsoFast));
  }

  private static DeflateAgreement windowOf(int bits) {
    return new DeflateAgreement(true, false, 6, 100, 15, bits, 32, 8192);
  }

  // DEFL-24
  @Test
  void eachWindowHasItsFrameUnlessTheMessageFitsIntoIt() {
    ConnectionFixture usual = server(WITHOUT);
    ConnectionFixture small = server(windowOf(9));
    ConnectionFixture alsoSmall = server(windowOf(9));
    ConnectionFixture larger = server(windowOf(10));
    broadcast(HUNDRED_LETTERS);
    for (ConnectionFixture each : all) {
      assertSent(4, HUNDRED_LETTERS, each);
      assertSame(written.get(usual), written.get(each));
    }
    byte[] noise = new byte[500];
    new Random(1).nextBytes(noise);
    byte[] twice = WireFrame.join(noise, new byte[200], noise);
    broadcast(twice);
    Map<ConnectionFixture, Integer> farthest = new IdentityHashMap<>();
    for (ConnectionFixture each : all) {
      Frame frame = each.sent();
      assertEquals(4, frame.rsv());
      DeflateReferences references = new DeflateReferences();
      assertArrayEquals(twice, references.message(frame.payload(), true));
      farthest.put(each, references.farthest());
    }
    assertEquals(700, farthest.get(usual));
    assertEquals(700, farthest.get(larger));
    assertTrue(farthest.get(small) <= 512, farthest::toString);
    assertNotSame(written.get(usual), written.get(small));
    assertSame(written.get(small), written.get(alsoSmall));
    assertNotSame(written.get(usual), written.get(larger));
  }

  @Test
  void connectionsWithContextTakeoverCompressEachItsOwn() {
    ConnectionFixture first = server(WITH);
    ConnectionFixture second = server(WITH);
    first.connection.send(LETTERS);
    assertSent(4, LETTERS, first);
    for (int i = 0; i < 3; i++) {
      broadcast(LETTERS);
      assertSent(4, LETTERS, first);
      assertSent(4, LETTERS, second);
      assertNotSame(written.get(first), written.get(second));
    }
    first.connection.send(LETTERS);
    assertSent(4, LETTERS, first);
  }

  @Test
  void plainFrameIsSharedByAllThatDoNotCompressTheMessage() {
    ConnectionFixture plain = server(null);
    ConnectionFixture with = server(WITH);
    ConnectionFixture without = server(WITHOUT);
    broadcast(FEW_LETTERS);
    for (ConnectionFixture each : all) {
      assertSent(0, FEW_LETTERS, each);
      assertSame(written.get(plain), written.get(each));
    }
    broadcast(LETTERS);
    assertSent(0, LETTERS, plain);
    assertSent(4, LETTERS, with);
    assertSent(4, LETTERS, without);
  }

  @Test
  void messageThatWouldGrowGoesUncompressed() {
    ConnectionFixture plain = server(null);
    ConnectionFixture without = server(WITHOUT);
    byte[] noise = new byte[1000];
    new Random(1).nextBytes(noise);
    broadcast(noise);
    assertSent(0, noise, plain);
    assertSent(0, noise, without);
    assertSame(written.get(plain), written.get(without));
  }

  @Test
  void emptyMessageIsSentToAll() {
    server(null);
    ConnectionFixture always = server(new DeflateAgreement(true, false, 6, 0));
    broadcast(new byte[0]);
    assertSent(0, new byte[0], all.get(0));
    assertSent(4, new byte[0], always);
  }

  @Test
  void clientsCompressEachItsOwn() {
    ConnectionFixture first = open(Side.CLIENT, WITHOUT);
    ConnectionFixture second = open(Side.CLIENT, WITH);
    broadcast(LETTERS);
    assertSent(4, LETTERS, first);
    assertSent(4, LETTERS, second);
  }

  @Test
  void messageInFragmentsStaysInOrderWithSharedFrames() {
    ConnectionFixture with = server(WITH);
    MessageWriter writer = with.connection.sendStreaming(MessageType.BINARY);
    writer.write(LETTERS);
    Connections.broadcast(List.of(with.connection), BinaryMessage.of(FEW_LETTERS));
    writer.finish();
    assertSent(4, LETTERS, with);
    assertEquals(Opcode.CONTINUATION, with.sent().opcode());
    assertSent(0, FEW_LETTERS, with);
    with.connection.send(LETTERS);
    assertSent(4, LETTERS, with);
  }
}
