package io.github.websocketnetty;

import java.util.concurrent.CompletableFuture;

/**
 * Sends one message in fragments. From {@link Connection#sendStreaming}.
 *
 * <p>The message takes its place among others with the call that writes its first fragment, not
 * when the writer is made. The first fragment waits for messages that were sent before; other
 * messages wait until this one is finished or aborted. May be used from any thread; fragments go
 * out in the order of the calls. Each future completes when the fragment was handed over and no
 * more than {@code writeLimit} bytes are unsent: who waits for it before writing on is slowed down
 * to the peer's pace.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section 5.4</a>
 */
public interface MessageWriter {
  /**
   * Sends a fragment of text.
   *
   * @return a future that fails as that of {@link Connection#send(String)}, or with {@link
   *     IllegalStateException} if the message is over
   * @throws IllegalArgumentException if the message is binary, or the text has an unpaired
   *     surrogate
   */
  CompletableFuture<Void> write(String text);

  /**
   * Sends a fragment: of a binary message, or of the UTF-8 of a text, cut anywhere.
   *
   * @param data the payload, copied
   * @return a future as that of {@link #write(String)}
   */
  CompletableFuture<Void> write(byte[] data);

  /**
   * Sends a fragment of part of an array.
   *
   * @param data the payload, copied
   * @param offset where it begins
   * @param length its length
   * @return a future as that of {@link #write(String)}
   * @throws IndexOutOfBoundsException if the array has no such part
   */
  CompletableFuture<Void> write(byte[] data, int offset, int length);

  /**
   * Ends the message, with an empty last fragment. A message of no fragment at all is not sent.
   * Does nothing if the message is over.
   *
   * @return a future as that of {@link #write(String)}
   */
  CompletableFuture<Void> finish();

  /**
   * Gives up. If a fragment was sent the connection fails with 1011 "error in fragmented message",
   * because a part must not look like the whole; otherwise nothing happens. Does nothing if the
   * message is over.
   */
  void abort();
}
