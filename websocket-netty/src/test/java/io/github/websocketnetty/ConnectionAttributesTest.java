package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a connection tells about itself; those of the handshake are in ConnectionsAttachTest. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionAttributesTest {
  private final Side side;
  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionAttributesTest(Side side) {
    this.side = side;
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  // OPT-01: test_id
  @Test
  void theIdIsRandomAndItsOwn() {
    assertEquals(4, connection.id().version());
    assertSame(connection.id(), connection.id());
    ConnectionFixture other = new ConnectionFixture(side);
    assertNotEquals(connection.id(), other.connection.id());
    other.end();
  }

  // OPT-01: test_logger
  @Test
  void theLoggerIsThatOfConnectionsAndItsLinesTellTheId() {
    String role = side == Side.SERVER ? "server" : "client";
    assertEquals("io.github.websocketnetty." + role, connection.logger().getName());
    assertSame(connection.logger(), connection.logger());
    RecordedLog log = new RecordedLog();
    new PrefixLogger(log, connection::id).warn("{} of {}", 1, "two");
    assertEquals(connection.id() + " 1 of two", log.lines.get(0));
    assertTrue(connection.toString().contains(connection.id().toString()));
  }

  // OPT-10: test_request, test_response, test_subprotocol
  @Test
  void withoutAHandshakeOfOursThereIsNoRequestNoResponseAndNoSubprotocol() {
    assertEquals(Optional.empty(), connection.request());
    assertEquals(Optional.empty(), connection.response());
    assertEquals(Optional.empty(), connection.subprotocol());
  }

  // OPT-10: test_close_code, test_close_reason
  @Test
  void closeCodeAndReasonAreToldOnceTheConnectionIsClosed() {
    assertEquals(OptionalInt.empty(), connection.closeCode());
    assertEquals(Optional.empty(), connection.closeReason());
    connection.close(1000, "ours");
    peer.advance(1, TimeUnit.SECONDS);
    assertEquals(OptionalInt.empty(), connection.closeCode());
    peer.peerCloses(1001, "theirs");
    assertEquals(OptionalInt.of(1001), connection.closeCode());
    assertEquals(Optional.of("theirs"), connection.closeReason());
  }

  // OPT-10: test_state
  @Test
  void theStateIsOpenThenClosingThenClosed() {
    assertEquals(ConnectionState.OPEN, connection.state());
    connection.close();
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.peerSends(peer.close(1000, ""));
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.tcpIsLost();
    assertEquals(ConnectionState.CLOSED, connection.state());
  }

  // OPT-10: test_keepalive
  @Test
  void theLatencyIsZeroUntilTheFirstPong() {
    assertEquals(Duration.ZERO, connection.latency());
    peer.advance(20, TimeUnit.SECONDS);
    byte[] ping = peer.sent().payload();
    peer.advance(7, TimeUnit.MILLISECONDS);
    assertEquals(Duration.ZERO, connection.latency());
    peer.peerSends(peer.pong(ping));
    assertEquals(Duration.ofMillis(7), connection.latency());
  }

  // OPT-11: test_local_address
  @Test
  void ourAddressIsThatOfTheChannelAlsoAfterTheEnd() {
    SocketAddress address = peer.channel.localAddress();
    assertEquals(address, connection.localAddress());
    peer.peerCloses(1000, "");
    value(connection.waitClosed());
    assertEquals(address, connection.localAddress());
  }

  // OPT-11: test_remote_address
  @Test
  void thePeersAddressIsThatOfTheChannelAlsoAfterTheEnd() {
    SocketAddress address = peer.channel.remoteAddress();
    assertEquals(address, connection.remoteAddress());
    peer.peerCloses(1000, "");
    value(connection.waitClosed());
    assertEquals(address, connection.remoteAddress());
    assertSame(peer.channel, connection.channel());
  }
}
