package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.Endpoint.BlockingEndpoint;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole programs of threads that wait, a server's and a client's. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class BlockingProgramsTest {
  private final Transports transport;
  private final ExecutorService threads = newThreads();
  private final CompletableFuture<Boolean> isInterrupted = new CompletableFuture<>();
  private ConnectionPair pair;

  BlockingProgramsTest(Transports transport) {
    this.transport = transport;
  }

  /** Virtual threads, where there are any. */
  private static ExecutorService newThreads() {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException olderJava) {
      return Executors.newCachedThreadPool();
    }
  }

  /** Serves with the endpoint, and returns the client's connection. */
  private BlockingConnection connect(BlockingEndpoint endpoint) throws Exception {
    BlockingEndpoint observed =
        ws -> {
          try {
            endpoint.serve(ws);
          } finally {
            isInterrupted.complete(Thread.currentThread().isInterrupted());
          }
        };
    pair = new ConnectionPair(Side.CLIENT, transport, Endpoint.blocking(threads, observed));
    return pair.connection.blocking();
  }

  @AfterEach
  void end() throws Exception {
    pair.end();
    assertFalse(isInterrupted.get(10, TimeUnit.SECONDS));
    threads.shutdown();
    assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
  }

  // SRV-13
  @Test
  void anEchoServerEndsWithItsClient() throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    try (BlockingConnection client =
        connect(
            ws -> {
              for (Message message : ws) {
                ws.send(message);
              }
              ended.complete("well");
            })) {
      client.send("hello");
      assertEquals(TextMessage.of("hello"), client.recv());
      client.send(new byte[] {1, 2});
      assertArrayEquals(new byte[] {1, 2}, client.recvBytes());
    }
    assertEquals("well", ended.get(10, TimeUnit.SECONDS));
  }

  @Test
  void anExplicitLoopCatchesTheEnd() throws Exception {
    CompletableFuture<ConnectionClosedOkException> bye = new CompletableFuture<>();
    BlockingConnection client =
        connect(
            ws -> {
              try {
                while (true) {
                  Message message = ws.recv();
                  if (message instanceof TextMessage text) {
                    ws.send(text.text().toUpperCase(Locale.ROOT));
                  } else {
                    ws.send(message.bytes());
                  }
                }
              } catch (ConnectionClosedOkException end) {
                bye.complete(end);
              }
            });
    client.send("loud");
    assertEquals("LOUD", client.recvText());
    client.close(1001, "page left");
    assertEquals("page left", bye.get(10, TimeUnit.SECONDS).received().orElseThrow().reason());
  }

  // SRV-11
  @Test
  void aServerThatReturnsClosesWell() throws Exception {
    BlockingConnection client = connect(ws -> ws.send("only this"));
    assertEquals("only this", client.recvText());
    assertEquals(
        "received 1000 (OK); then sent 1000 (OK)",
        assertThrows(ConnectionClosedOkException.class, client::recv).getMessage());
  }

  // SRV-12
  @Test
  void aServerThatThrowsFailsTheConnection() throws Exception {
    BlockingConnection client =
        connect(
            ws -> {
              ws.recv();
              throw new Exception("expected by the test");
            });
    client.send("go");
    ConnectionClosedException failure =
        assertThrows(ConnectionClosedErrorException.class, client::recv);
    assertEquals(1011, failure.received().orElseThrow().code());
  }

  @Test
  void aClientOfAFeedSurvivesSilence() throws Exception {
    CountDownLatch silence = new CountDownLatch(1);
    List<String> lines = new ArrayList<>();
    ConnectionClosedException end = null;
    try (BlockingConnection ws =
        connect(
            server -> {
              assertEquals("subscribe", server.recvText());
              silence.await();
              server.send("one");
              server.send("two");
            })) {
      ws.send("subscribe");
      for (int missed = 0; missed < 1000; ) {
        try {
          lines.add(ws.recvText(Duration.ofMillis(missed == 0 ? 1 : 10_000)));
        } catch (TimeoutException quiet) {
          missed++;
          silence.countDown();
        }
      }
    } catch (ConnectionClosedException closed) {
      end = closed;
    }
    assertEquals(List.of("one", "two"), lines);
    assertInstanceOf(ConnectionClosedOkException.class, end);
  }

  @Test
  void aLargeFileIsSentInFragments(@TempDir Path folder) throws Exception {
    byte[] content = new byte[900_000];
    new Random(2).nextBytes(content);
    Path path = Files.write(folder.resolve("source"), content);
    Path target = folder.resolve("target");
    BlockingConnection ws =
        connect(
            server -> {
              try (BlockingConnection.Reader message = server.recvStreaming();
                  InputStream body = message.asInputStream()) {
                Files.copy(body, target);
              }
              server.send("stored");
            });
    byte[] chunk = new byte[64 << 10];
    try (InputStream file = Files.newInputStream(path);
        BlockingConnection.Writer message = ws.sendStreaming(MessageType.BINARY)) {
      for (int n; (n = file.read(chunk)) > 0; ) {
        message.write(chunk, 0, n);
      }
      message.finish();
    }
    assertEquals("stored", ws.recvText());
    assertArrayEquals(content, Files.readAllBytes(target));
  }

  @Test
  void aFileThatBreaksOffIsNeverStored(@TempDir Path folder) throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    BlockingConnection ws =
        connect(
            server -> {
              try (InputStream body = server.recvStreaming().asInputStream()) {
                Files.copy(body, folder.resolve("target"));
              } catch (Exception e) {
                failure.complete(e);
                throw e;
              }
            });
    try (BlockingConnection.Writer message = ws.sendStreaming(MessageType.BINARY);
        OutputStream out = message.asOutputStream()) {
      out.write(new byte[1000]);
      throw new IllegalStateException("source is gone");
    } catch (IllegalStateException expected) {
      assertEquals(0, expected.getSuppressed().length);
    }
    assertInstanceOf(
        ConnectionClosedErrorException.class, failure.get(10, TimeUnit.SECONDS).getCause());
    ws.waitClosed();
  }
}
