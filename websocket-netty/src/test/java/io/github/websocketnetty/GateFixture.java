package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/** A gate between a loop and an output that the test controls. */
abstract class GateFixture {
  final ManualLoop loop = new ManualLoop();
  final RecordedOutput output = new RecordedOutput(loop);
  final ConnectionClosedException closed =
      new ConnectionClosedErrorException("closed in a test", null, null, null, null, false);
  SendGate gate = gate(ConnectionOptions.defaults());

  @AfterEach
  final void nothingWasThrown() {
    output.check();
  }

  final SendGate gate(ConnectionOptions options) {
    return new SendGate(options, loop, output);
  }

  /** Sends on the event loop. */
  final CompletableFuture<Void> send(String text) {
    return onLoop(() -> sendElsewhere(text));
  }

  /** Sends on another thread. */
  final CompletableFuture<Void> sendElsewhere(String text) {
    return gate.send(MessageType.TEXT, payload(text));
  }

  final <T> T onLoop(Supplier<T> action) {
    AtomicReference<T> result = new AtomicReference<>();
    loop.run(() -> result.set(action.get()));
    return result.get();
  }

  /** Makes the channel writable, and says so. */
  final void drain() {
    output.writesUntilFull = Integer.MAX_VALUE;
    output.isWritable = true;
    loop.run(gate::writabilityChanged);
  }

  final boolean beginClose() {
    return onLoop(gate::beginClose);
  }

  final void end() {
    loop.run(() -> gate.end(closed));
  }

  final void assertEvents(String... expected) {
    assertEquals(List.of(expected), output.takeEvents());
  }

  static ByteBuf payload(String text) {
    return ByteBufUtil.writeUtf8(UnpooledByteBufAllocator.DEFAULT, text);
  }

  static void assertPending(CompletableFuture<?> future) {
    assertFalse(future.isDone());
  }

  static void assertSent(CompletableFuture<?> future) {
    assertTrue(future.isDone(), "is pending");
    future.join();
  }

  static Throwable failureOf(CompletableFuture<?> future) {
    assertTrue(future.isCompletedExceptionally(), "has not failed");
    AtomicReference<Throwable> failure = new AtomicReference<>();
    future.whenComplete((done, thrown) -> failure.set(thrown));
    return failure.get();
  }
}
