package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Sends a message in fragments through the gate, which knows how far it has come. */
final class FragmentWriter implements MessageWriter {
  private final SendGate gate;
  private final EventExecutor loop;
  private final ByteBufAllocator alloc;
  private final FragmentedMessage message;

  FragmentWriter(
      SendGate gate, EventExecutor loop, ByteBufAllocator alloc, FragmentedMessage message) {
    this.gate = gate;
    this.loop = loop;
    this.alloc = alloc;
    this.message = message;
  }

  @Override
  public CompletableFuture<Void> write(String text) {
    Objects.requireNonNull(text, "text");
    if (message.type != MessageType.TEXT) {
      throw new IllegalArgumentException("fragment of a binary message is text");
    }
    return write(Unpooled.wrappedBuffer(Utf8.encode(text)));
  }

  @Override
  public CompletableFuture<Void> write(byte[] data) {
    Objects.requireNonNull(data, "data");
    return write(data, 0, data.length);
  }

  @Override
  public CompletableFuture<Void> write(byte[] data, int offset, int length) {
    Objects.requireNonNull(data, "data");
    Objects.checkFromIndexSize(offset, length, data.length);
    return write(alloc.buffer(length).writeBytes(data, offset, length));
  }

  /** Sends a fragment; takes the payload over, whatever happens. */
  CompletableFuture<Void> write(ByteBuf payload) {
    return gate.submit(Send.fragment(loop, message, payload));
  }

  @Override
  public CompletableFuture<Void> finish() {
    return gate.submit(Send.finish(loop, message));
  }

  @Override
  public void abort() {
    abort(new CancellationException("message in fragments was aborted"));
  }

  /**
   * Gives up because of something.
   *
   * @return a future that completes if the connection is unharmed, else fails when it has ended
   */
  CompletableFuture<Void> abort(Throwable cause) {
    return gate.submit(Send.abort(loop, message, cause));
  }
}
