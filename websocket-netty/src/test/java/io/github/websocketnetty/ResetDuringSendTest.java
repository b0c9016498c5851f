package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that stops reading and then resets TCP. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class ResetDuringSendTest {
  private final Transports transport;

  ResetDuringSendTest(Transports transport) {
    this.transport = transport;
  }

  // SEND-32, SEND-41
  @ParameterizedTest
  @CsvSource({"SERVER, false", "SERVER, true", "CLIENT, false", "CLIENT, true"})
  void resetDuringABlockedSendLeavesNoCloseFrameSent(Side side, boolean tls) throws Exception {
    ConnectionPair pair = new ConnectionPair(side, transport, tls);
    try {
      pair.hold(); // a connection reads, whatever auto-read says
      CompletableFuture<Void> blocked =
          pair.connection.send(BinaryMessage.of(new byte[1 << 20]), false);
      pair.turn();
      pair.peer.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      pair.lose();
      pair.release(); // which closes before it reads
      ExecutionException failed =
          assertThrows(ExecutionException.class, () -> blocked.get(20, TimeUnit.SECONDS));
      ConnectionClosedException closed =
          assertInstanceOf(ConnectionClosedErrorException.class, failed.getCause());
      assertEquals(Optional.empty(), closed.sent(), closed.getMessage());
      assertEquals("no close frame received or sent", closed.getMessage());
      assertInstanceOf(IOException.class, closed.getCause());
      assertEquals(1006, pair.connection.closeCode().orElse(0));
    } finally {
      pair.end();
    }
  }
}
