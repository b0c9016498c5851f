package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose client does not mask, in a network where that is allowed. */
@ExtendWith(LeakCheck.class)
class UnmaskedConnectionTest {
  private static final ConnectionOptions UNMASKED =
      ConnectionOptions.builder().performMasking(false).allowMaskMismatch(true).build();

  private static byte[] outbound(ConnectionFixture fixture) {
    fixture.run();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = fixture.channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  private static void sendAllKinds(Connection connection) {
    connection.send("text");
    connection.send(WireFrame.letters(100_000));
    connection.send(Unpooled.copiedBuffer(WireFrame.letters(2000)));
    connection.sendText(List.of("one ", "two"));
    MessageWriter writer = connection.sendStreaming(MessageType.BINARY);
    writer.write(new byte[300]);
    writer.finish();
    connection.ping(new byte[] {1, 2, 3});
    connection.pong(new byte[] {4});
    Connections.broadcast(List.of(connection), TextMessage.of("to all, " + "x".repeat(500)));
    connection.close(1000, "bye");
  }

  // PROTO-02
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void clientSendsTheBytesOfAServer(boolean compresses) {
    DeflateAgreement deflate = compresses ? new DeflateAgreement(true, true, 6, 256) : null;
    ConnectionFixture server =
        new ConnectionFixture(Side.SERVER, ConnectionOptions.defaults(), deflate);
    sendAllKinds(server.connection);
    byte[] expected = outbound(server);
    server.end();
    ConnectionFixture client = new ConnectionFixture(Side.CLIENT, UNMASKED, deflate);
    sendAllKinds(client.connection);
    assertArrayEquals(expected, outbound(client));
    client.end();
  }

  // SRV-01
  @Test
  void clientsThatDoNotMaskShareTheBytesOfABroadcast() {
    ConnectionFixture first = new ConnectionFixture(Side.CLIENT, UNMASKED);
    ConnectionFixture second = new ConnectionFixture(Side.CLIENT, UNMASKED);
    Message message = BinaryMessage.of(new byte[10_000]);
    Connections.broadcast(List.of(first.connection, second.connection), message);
    ByteBuf one = first.channel.readOutbound();
    ByteBuf other = second.channel.readOutbound();
    assertEquals(one.memoryAddress(), other.memoryAddress());
    one.release();
    other.release();
    first.end();
    second.end();
  }

  @ParameterizedTest
  @EnumSource
  void messagesWithAndWithoutAMaskAreReceived(Side side) {
    ConnectionFixture fixture = new ConnectionFixture(side, UNMASKED);
    fixture.peerSends(WireFrame.text(true, "masked"), WireFrame.text(false, "plain"));
    assertEquals("masked", value(fixture.connection.recvText()));
    assertEquals("plain", value(fixture.connection.recvText()));
    fixture.end();
  }
}
