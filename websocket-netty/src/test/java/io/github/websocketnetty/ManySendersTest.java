package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Eight threads send over one connection: 2000 messages each, or 50 times as many with {@code
 * -Dstress=50}.
 */
@Tag("sockets")
@Timeout(120)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class ManySendersTest {
  private static final int THREADS = 8;

  /** Each so many messages one is sent in fragments. */
  private static final int EVERY = 50;

  private static final int MESSAGES = 2000 * Integer.getInteger("stress", 1);

  private final ConnectionPair pair;
  private final int[] next = new int[THREADS];

  ManySendersTest(Transports transport) throws Exception {
    pair = new ConnectionPair(Side.SERVER, transport);
  }

  @AfterEach
  void end() throws Exception {
    pair.end();
  }

  // SEND-24, SEND-10: also where some are sent in fragments
  @Test
  void orderOfEachThreadIsKeptToTheOtherEnd() throws Exception {
    CompletableFuture<Void> received = pair.connection.forEach(this::receive);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int id = i;
      Thread thread = new Thread(() -> send(id));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    pair.peer.close();
    received.get(60, TimeUnit.SECONDS);
    for (int count : next) {
      assertEquals(MESSAGES, count);
    }
  }

  private void send(int id) {
    for (int i = 0; i < MESSAGES; i++) {
      byte[] head = ByteBuffer.allocate(Long.BYTES).putInt(id).putInt(i).array();
      CompletableFuture<Void> sent =
          i % EVERY == 0
              ? pair.peer.sendBinary(List.of(head, new byte[100]))
              : pair.peer.send(head);
      if (!sent.isDone() && i % 100 == 0) {
        sent.join(); // now and then, so that what waits stays below its bound
      }
    }
  }

  private void receive(Message message) {
    ByteBuffer payload = ByteBuffer.wrap(message.bytes());
    int id = payload.getInt();
    assertEquals(next[id]++, payload.getInt(), "of thread " + id);
  }
}
