package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that goes while our application receives nothing, so that nobody reads that it has. */
@Tag("sockets")
@Timeout(120)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class VanishedPeerTest {
  private final EventLoopGroup group;
  private final Transports transport;
  private final WebSocketClient client = WebSocketClient.create();

  VanishedPeerTest(Transports transport) {
    this.transport = transport;
    group = transport.newGroup();
  }

  @AfterEach
  void stop() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  // RECV-40, KA-09
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPeerThatIsGoneIsNoticedThoughNothingIsReceived(boolean reset) throws Exception {
    CompletableFuture<Connection> served = new CompletableFuture<>();
    CompletableFuture<Void> sent = new CompletableFuture<>();
    ConnectionOptions options =
        ConnectionOptions.builder()
            .maxQueue(1)
            .pingInterval(Duration.ofMillis(300))
            .pingTimeout(Duration.ofMillis(300))
            .build();
    WebSocketServer server =
        WebSocketServer.builder()
            .anyPath(
                connection -> {
                  served.complete(connection);
                  sent.join(); // however long that takes, no ping is due before
                  return connection.waitClosed();
                })
            .options(options)
            .bind(
                new ServerBootstrap().group(group).channel(transport.serverChannel()),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    Connection leaving = client.connect(URI.create("ws://localhost:" + server.port())).join();
    for (int i = 0; i < 10; i++) {
      leaving.send("nobody receives this").get(30, TimeUnit.SECONDS);
    }
    sent.complete(null);
    Connection left = served.get(30, TimeUnit.SECONDS);
    while (left.channel().config().isAutoRead()) {
      Thread.onSpinWait();
    }
    if (reset) {
      leaving.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    leaving.channel().pipeline().firstContext().close();
    left.waitClosed().get(60, TimeUnit.SECONDS);
    assertEquals(ConnectionState.CLOSED, left.state());
    server.close().get(30, TimeUnit.SECONDS);
  }
}
