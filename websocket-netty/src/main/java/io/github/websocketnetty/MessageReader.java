package io.github.websocketnetty;

import java.util.concurrent.CompletableFuture;

/**
 * Receives one message in fragments, as they arrive. From {@link Connection#recvStreaming}.
 *
 * <p>It holds the connection's only place for receiving until the last fragment was handed out,
 * {@link #discard} was called, or {@link #next} failed. May be used from any thread, one call at a
 * time.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section 5.4</a>
 */
public interface MessageReader {
  /**
   * Receives the next fragment, waiting for it. The first call waits for a message to begin.
   *
   * <p>A fragment is a frame; a frame of more than 64 KiB may come in parts. Cancelling the future,
   * or letting {@code orTimeout} on it expire, withdraws the call and loses nothing.
   *
   * @return a future with the fragment, failing with {@link ConnectionClosedException} if the
   *     connection ends first, with {@link ConcurrencyException} if a call is waiting, with {@link
   *     IllegalStateException} if the message is over
   */
  CompletableFuture<Fragment> next();

  /**
   * Returns the type of the message.
   *
   * @throws IllegalStateException before the first fragment
   */
  MessageType type();

  /**
   * Gives up the rest of the message: it is dropped as it arrives, and the next receive gets the
   * next message. Before the first fragment nothing is dropped. A call of {@link #next} that waits
   * is cancelled. Does nothing once the message is over.
   */
  void discard();
}
