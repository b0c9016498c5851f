package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ConnectionState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;

/**
 * An open WebSocket connection, of a server or a client.
 *
 * <p>All methods may be called from any thread. Futures complete on the connection's event loop,
 * unless they are complete when they are returned: do not block in their continuations; {@code get}
 * and {@code join} throw there rather than wait for what only the event loop can do. Receiving and
 * sending are independent of each other.
 *
 * <p>When the connection ends, {@link #state} is {@link ConnectionState#CLOSED} first; then all
 * that waits fails with one {@link ConnectionClosedException}, receives after the messages that had
 * arrived.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455">RFC 6455</a>
 */
public interface Connection {
  /**
   * Receives the next message, waiting until one is complete.
   *
   * <p>Fragments are joined. Messages that arrived before the connection closed are still returned,
   * in order; after them the future fails. Only one receive may be waiting at a time. Cancelling
   * the returned future, or letting {@code orTimeout} on it expire, withdraws the receive: the
   * message stays queued for the next call. A timeout on a stage derived from it does not.
   *
   * @return a future with the message, failing with {@link ConnectionClosedException} once the
   *     connection is closed and the queue is empty, or with {@link ConcurrencyException} if
   *     another receive waits
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section 5.4</a>
   */
  CompletableFuture<Message> recv();

  /**
   * Receives the next message as text, whatever its type. A binary message that is not UTF-8 fails
   * the connection with 1007.
   *
   * @return a future as that of {@link #recv}
   */
  CompletableFuture<String> recvText();

  /**
   * Receives the payload of the next message, whatever its type, without decoding it.
   *
   * @return a future as that of {@link #recv}
   */
  CompletableFuture<byte[]> recvBytes();

  /**
   * Starts receiving the next message in fragments.
   *
   * @return a reader, which holds the place of a receive until the message is over
   * @throws ConcurrencyException if another receive waits
   */
  MessageReader recvStreaming();

  /**
   * Calls {@code action} with each message until the connection is closed, on the event loop.
   * Cancelling the future ends the loop; no message is lost.
   *
   * <p>An exception of {@code action} ends the loop and fails the future. If the future is used,
   * that is all, and the connection stays open for another receive. If it is not used, nobody would
   * learn that no more is received: then the exception is logged at ERROR, once, with its stack
   * trace and the connection's identifier, and the connection ends with 1011. The future is used if
   * something is attached to it or a thread waits for it when the exception is thrown, or at the
   * latest in the same turn of the event loop. An {@link Endpoint} that returns it uses it.
   *
   * @param action must not block
   * @return a future that completes when the connection is closed well, and fails with {@link
   *     ConnectionClosedErrorException} when it is not
   */
  CompletableFuture<Void> forEach(Consumer<? super Message> action);

  /**
   * Calls {@code action} with each message until the connection is closed, the next time when the
   * stage that it returned is complete: the peer is slowed down to the application's pace. Always
   * on the event loop, wherever the stage completes. An action that returns null is done at once.
   *
   * <p>An exception of {@code action} and a stage that fails do what an exception does to {@link
   * #forEach}: they fail the future if it is used, and end the connection with 1011 if it is not.
   * That this connection has ended is no such failure, as of a stage that sends; that another has
   * is one.
   *
   * @param action must not block
   * @return a future as that of {@link #forEach}
   */
  CompletableFuture<Void> forEachAsync(
      Function<? super Message, ? extends CompletionStage<?>> action);

  /**
   * Sends a text message.
   *
   * <p>Messages go out in the order of the calls of a thread, whole, one after the other. That is
   * so for all methods that send, and for {@link Connections#broadcast broadcasts}; also for those
   * with an {@link Iterable}. Four take their place later than at the call, when their first
   * fragment is there: {@link #sendText(Iterable, Executor)}, {@link #sendText(Flow.Publisher)},
   * both also of {@code sendBinary}, and {@link #sendStreaming}, with the first {@code write}. A
   * close comes behind what its thread has sent. Cancelling the future has no effect.
   *
   * @return a future that completes when the message was handed over and no more than {@code
   *     writeLimit} bytes are unsent, which may be its own: that paces the sender and is no
   *     receipt. While more is unsent it waits, and fails if those bytes are dropped. It fails with
   *     {@link ConnectionClosedException} if the connection ends before, or with {@link
   *     SendQueueFullException} if too much waits already
   * @throws IllegalArgumentException if the text has an unpaired surrogate; nothing is sent then
   */
  CompletableFuture<Void> send(String text);

  /**
   * Sends a binary message.
   *
   * @param data the payload, copied
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> send(byte[] data);

  /**
   * Sends a binary message.
   *
   * @param data the payload, from position to limit, copied; the position stays
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> send(ByteBuffer data);

  /**
   * Sends a binary message without copying it.
   *
   * @param data the payload; released, also on failure
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> send(ByteBuf data);

  /**
   * Sends a message of its type.
   *
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> send(Message message);

  /**
   * Sends a message of its type, compressed or not, whatever its size: for what would be compressed
   * in vain, as pictures, or must not be, as secrets beside text that others choose. Without
   * permessage-deflate on the connection the choice has no effect.
   *
   * @param compress whether to compress it
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> send(Message message, boolean compress);

  /**
   * Sends a text message from its UTF-8. It is not checked: the peer closes the connection if it is
   * not UTF-8.
   *
   * @param utf8 the payload, copied
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> sendText(byte[] utf8);

  /**
   * Sends a text message from its UTF-8 without copying or checking it.
   *
   * @param utf8 the payload; released, also on failure
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> sendText(ByteBuf utf8);

  /**
   * Sends a binary message with the UTF-8 of a text.
   *
   * @return a future as that of {@link #send(String)}
   */
  CompletableFuture<Void> sendBinary(String text);

  /**
   * Sends a text message in fragments, one for each item. The message takes its place among others
   * at this call, as that of {@link #send(String)} does. Nothing is sent if there are no items.
   *
   * <p>The items are taken on the event loop, never on the calling thread unless that is the event
   * loop: the first when it is the message's turn, the next when the one before has passed {@code
   * writeLimit}. So the iterator must not block, and the items must not change until the future
   * completes. What the iterator itself sends goes out behind the message. {@link #close} takes the
   * items that are left, up to {@code maxPendingSendBytes}, and sends them first.
   *
   * <p>If the iterator fails before the first item nothing is sent. If it fails later the
   * connection fails with 1011, since a part must not look like the whole; so it does if the future
   * is cancelled then. Cancelling it before the first item withdraws the message. What the iterator
   * throws is logged at ERROR, once, if the future is not used; see {@link #forEach}.
   *
   * @return a future as that of {@link #send(String)}; it also fails with what the iterator throws,
   *     once the connection has ended if that failed it
   */
  CompletableFuture<Void> sendText(Iterable<String> fragments);

  /**
   * Sends a text message in fragments, one for each item. The next item is taken when the one
   * before has passed {@code writeLimit}. Nothing is sent if there are no items.
   *
   * <p>The message takes its place among others not at this call, but when its first item is there:
   * what is sent meanwhile goes out first. If the iterator fails after the first item the
   * connection fails with 1011, since a part must not look like the whole; so it does if the future
   * is cancelled then. What the iterator or the executor throws is logged at ERROR, once, if the
   * future is not used; see {@link #forEach}.
   *
   * @param executor runs the iterator
   * @return a future as that of {@link #send(String)}; it also fails with what the iterator throws,
   *     once the connection has ended if that failed it
   */
  CompletableFuture<Void> sendText(Iterable<String> fragments, Executor executor);

  /**
   * Sends a text message in fragments, one for each item, asking for the next when the one before
   * has passed {@code writeLimit}. Its place, rules and failures are those of {@link
   * #sendText(Iterable, Executor)}: it takes its place when the first item is published.
   *
   * @return a future as that of {@link #sendText(Iterable, Executor)}
   */
  CompletableFuture<Void> sendText(Flow.Publisher<String> fragments);

  /**
   * Sends a binary message in fragments; see {@link #sendText(Iterable)}.
   *
   * @param fragments each copied when it is taken
   * @return a future as that of {@link #sendText(Iterable)}
   */
  CompletableFuture<Void> sendBinary(Iterable<byte[]> fragments);

  /**
   * Sends a binary message in fragments; see {@link #sendText(Iterable, Executor)}.
   *
   * @param executor runs the iterator
   * @return a future as that of {@link #sendText(Iterable, Executor)}
   */
  CompletableFuture<Void> sendBinary(Iterable<byte[]> fragments, Executor executor);

  /**
   * Sends a binary message in fragments; see {@link #sendText(Flow.Publisher)}.
   *
   * @return a future as that of {@link #sendText(Iterable, Executor)}
   */
  CompletableFuture<Void> sendBinary(Flow.Publisher<byte[]> fragments);

  /**
   * Starts a message that is sent in fragments. It takes its place among others not at this call,
   * but with the first fragment that is written.
   *
   * @return a writer; until it is finished or aborted, messages sent after its first fragment wait
   */
  MessageWriter sendStreaming(MessageType type);

  /**
   * Starts a message that is sent in fragments, compressed or not; see {@link #send(Message,
   * boolean)}. Unless chosen otherwise it is compressed where permessage-deflate was agreed on.
   *
   * @param compress whether to compress it
   * @return a writer as that of {@link #sendStreaming(MessageType)}
   */
  MessageWriter sendStreaming(MessageType type, boolean compress);

  /**
   * Sends a ping with four random bytes.
   *
   * @return a future with the time until its pong, or the pong of a later ping, arrives; it fails
   *     with {@link ConnectionClosedException} if the connection ends before
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2">RFC 6455, section 5.5.2</a>
   */
  CompletableFuture<Duration> ping();

  /**
   * Sends a ping.
   *
   * @param payload at most 125 bytes, copied; may be empty
   * @return a future as that of {@link #ping()}, failing with {@link ConcurrencyException} if a
   *     ping with the same payload waits for its pong. Cancelling it frees the payload
   * @throws IllegalArgumentException if the payload is too long; nothing is sent then
   */
  CompletableFuture<Duration> ping(byte[] payload);

  /**
   * Sends an unsolicited pong without payload.
   *
   * @return a future that completes when the frame was handed over; {@code writeLimit} does not
   *     matter
   */
  CompletableFuture<Void> pong();

  /**
   * Sends an unsolicited pong.
   *
   * @param payload at most 125 bytes, copied
   * @return a future as that of {@link #pong()}
   * @throws IllegalArgumentException if the payload is too long; nothing is sent then
   */
  CompletableFuture<Void> pong(byte[] payload);

  /**
   * Closes with 1000; see {@link #close(int, String)}.
   *
   * @return a future as that of {@link #close(int, String)}
   */
  CompletableFuture<Void> close();

  /**
   * Closes: sends what waits, then a close frame, waits for the peer's and for the end of TCP, at
   * the latest until the close timeout.
   *
   * <p>Messages that arrived stay readable. If the connection is closing or closed already, code
   * and reason are ignored. While a message is being sent in fragments that are not there yet, from
   * a writer, a publisher or an executor, the connection fails with 1011 instead; so it does if an
   * iterable has more left than {@code maxPendingSendBytes}. Cancelling the future changes nothing.
   *
   * @param code the close code, or 1005 for a close frame without any
   * @param reason the reason, at most 123 bytes in UTF-8
   * @return a future that completes when the connection is closed; it never fails
   * @throws IllegalArgumentException if the code may not be sent or the reason is too long; the
   *     connection is untouched then
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1.2">RFC 6455, section 7.1.2</a>
   */
  CompletableFuture<Void> close(int code, String reason);

  /**
   * Waits until the connection is closed, without closing it.
   *
   * @return a future that completes when the connection is closed; it never fails
   */
  CompletableFuture<Void> waitClosed();

  /** Returns the identifier of this connection, random and unique. */
  UUID id();

  /** Returns the state. */
  ConnectionState state();

  /**
   * Returns the latency measured last, by a ping of the keepalive or of yours; zero before the
   * first.
   */
  Duration latency();

  /**
   * Returns the code of the peer's close frame, 1005 if it had none, 1006 if there was no frame;
   * empty until the connection is closed.
   */
  OptionalInt closeCode();

  /** Returns the reason of the peer's close frame; empty until the connection is closed. */
  Optional<String> closeReason();

  /**
   * Returns the request of the opening handshake, a copy each time; empty if others made the
   * handshake.
   */
  Optional<HttpRequest> request();

  /**
   * Returns the response of the opening handshake, a copy each time; empty if others made the
   * handshake.
   */
  Optional<HttpResponse> response();

  /** Returns the subprotocol that was agreed on. */
  Optional<String> subprotocol();

  /**
   * Returns the logger of this connection, which is that of its options; its lines begin with the
   * identifier.
   */
  Logger logger();

  /** Returns our address; also after the end. */
  SocketAddress localAddress();

  /** Returns the peer's address; also after the end. */
  SocketAddress remoteAddress();

  /** Returns the channel. */
  Channel channel();

  /** Returns a view of this connection for threads that may wait. */
  BlockingConnection blocking();
}
