package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.Times;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.TestCertificate;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The times of TLS are those of the WebSocket. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class WebSocketServerTlsTest {
  /** A record of a handshake that announces 512 bytes, and no more than the first of them. */
  private static final byte[] HALF_CLIENT_HELLO = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc};

  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
  private WebSocketServer server;
  private WebSocketClient client;

  @AfterEach
  void close() throws Exception {
    if (client != null) {
      client.close().get(30, TimeUnit.SECONDS);
    }
    server.close().get(30, TimeUnit.SECONDS);
  }

  private void start(SslContext tls, Duration openTimeout, Duration closeTimeout) throws Exception {
    server =
        WebSocketServer.builder()
            .threads(1) // so that whoever held up its thread would hold up all
            .tls(tls)
            .handshake(ServerHandshakeOptions.builder().openTimeout(openTimeout).build())
            .options(ConnectionOptions.builder().closeTimeout(closeTimeout).build())
            .anyPath(
                connection -> {
                  served.add(connection);
                  return connection.forEachAsync(connection::send);
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  private void assertEcho() throws Exception {
    client = WebSocketClient.builder().tls(TestCertificate.client()).build();
    Connection connection =
        client
            .connect(URI.create("wss://localhost:" + server.port() + "/"))
            .get(30, TimeUnit.SECONDS);
    connection.send("hello");
    assertEquals("hello", connection.recvText().get(30, TimeUnit.SECONDS));
  }

  private SslHandler handler() throws InterruptedException {
    return served.poll(30, TimeUnit.SECONDS).channel().pipeline().get(SslHandler.class);
  }

  // OPT-21, OPT-22: test_timeout_during_tls_handshake
  @Test
  void whoDoesNotCompleteTlsIsDisconnectedAfterTheOpenTimeout() throws Exception {
    start(TestCertificate.server(), Duration.ofMillis(300), Duration.ZERO);
    try (RawPeer silent = RawPeer.connect(server.address());
        RawPeer half = RawPeer.connect(server.address())) {
      half.write(HALF_CLIENT_HELLO);
      assertEnds(silent);
      assertEnds(half);
    }
    assertEquals(0, served.size());
  }

  /** Neither a word of HTTP nor an alert in plain text that says more than that it is over. */
  private static void assertEnds(RawPeer peer) throws IOException {
    assertFalse(peer.restOfText().contains("HTTP"));
  }

  // OPT-22
  @Test
  void whoDoesNotCompleteTlsHoldsUpNobody() throws Exception {
    start(TestCertificate.server(), Duration.ofHours(1), Duration.ofSeconds(10));
    try (RawPeer silent = RawPeer.connect(server.address());
        RawPeer half = RawPeer.connect(server.address())) {
      silent.write(new byte[0]);
      half.write(HALF_CLIENT_HELLO);
      assertEcho();
      assertEquals(1, server.connections().size());
    }
  }

  // OPT-22
  @Test
  void timesOfTlsAreOpenTimeoutAndCloseTimeout() throws Exception {
    start(TestCertificate.server(), Duration.ofSeconds(77), Duration.ofSeconds(33));
    assertEcho();
    SslHandler tls = handler();
    assertEquals(77_000, tls.getHandshakeTimeoutMillis());
    assertEquals(33_000, tls.getCloseNotifyFlushTimeoutMillis());
  }

  // OPT-22
  @Test
  void timesOfTlsMayBeUnlimited() throws Exception {
    start(TestCertificate.server(), Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE));
    assertEcho();
    SslHandler tls = handler();
    assertEquals(0, tls.getHandshakeTimeoutMillis());
    assertEquals(
        Times.nanos(Duration.ofSeconds(Long.MAX_VALUE)) / 1_000_000 + 1,
        tls.getCloseNotifyFlushTimeoutMillis());
    assertEquals(1, Times.millis(Duration.ofNanos(1)), "not 0, which is for ever");
  }

  // OPT-22: unless the caller has set them
  @Test
  void timesThatTheUserHasSetStay() throws Exception {
    SslContext own =
        new DelegatingSslContext(TestCertificate.server()) {
          @Override
          protected void initEngine(SSLEngine engine) {
            // as it is
          }

          @Override
          protected void initHandler(SslHandler handler) {
            handler.setHandshakeTimeoutMillis(5000);
            handler.setCloseNotifyFlushTimeoutMillis(1234);
          }
        };
    start(own, Duration.ofSeconds(77), Duration.ofSeconds(33));
    assertEcho();
    SslHandler tls = handler();
    assertEquals(5000, tls.getHandshakeTimeoutMillis());
    assertEquals(1234, tls.getCloseNotifyFlushTimeoutMillis());
  }
}
