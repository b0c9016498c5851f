package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ConnectionState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.BlockingOperationException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;

/**
 * A {@link Connection} for threads that may wait: each call returns when it is done. From {@link
 * Connection#blocking} or {@link Endpoint#blocking}.
 *
 * <p>All methods may be called from any thread but the connection's own event loop, where every
 * call that would wait throws {@link BlockingOperationException} and does nothing. One thread may
 * receive while others send. Waiting threads are parked and hold no monitor; virtual threads are
 * not pinned.
 *
 * <p>Interrupting a thread that waits withdraws the call: it throws {@link CancellationException}
 * and the thread stays interrupted. A message is never lost that way: if it had been taken for the
 * call already, it is returned. What was to be sent may be sent nevertheless.
 *
 * <p>When the connection ends all that waits throws a {@link ConnectionClosedException} with the
 * stack trace of the caller.
 */
public final class BlockingConnection implements AutoCloseable, Iterable<Message> {
  private final ChannelConnection connection;
  private final Waiter waiter;

  BlockingConnection(ChannelConnection connection) {
    this.connection = connection;
    this.waiter = new Waiter(connection.loop());
  }

  /** Returns the same connection for code that does not wait. */
  public Connection connection() {
    return connection;
  }

  /**
   * Iterates over the messages that arrive, each received when it is asked for. The iteration ends
   * when the connection was closed well and throws {@link ConnectionClosedErrorException} when it
   * was not.
   *
   * <p>Another iteration goes on behind the last message that an iterator took; {@code hasNext}
   * takes one.
   */
  @Override
  public Iterator<Message> iterator() {
    return new MessageIterator(this);
  }

  /**
   * Receives the next message, waiting until one is complete; see {@link Connection#recv}.
   *
   * @throws ConnectionClosedException once the connection is closed and no message is left
   * @throws ConcurrencyException if another receive waits
   */
  public Message recv() {
    return waiter.await(connection::recv);
  }

  /**
   * Receives the next message, waiting for some time.
   *
   * @param timeout at most; zero or less returns only what is there
   * @throws TimeoutException if no message was complete by then; the next receive gets it
   * @throws ConnectionClosedException as {@link #recv}
   */
  public Message recv(Duration timeout) throws TimeoutException {
    return waiter.await(connection::recv, timeout);
  }

  /**
   * Receives the next message as text, whatever its type. A binary message that is not UTF-8 fails
   * the connection with 1007.
   *
   * @throws ConnectionClosedException as {@link #recv}
   */
  public String recvText() {
    return waiter.await(connection::recvText);
  }

  /**
   * Receives the next message as text, waiting for some time.
   *
   * @param timeout at most; zero or less returns only what is there
   * @throws TimeoutException as {@link #recv(Duration)}
   * @throws ConnectionClosedException as {@link #recv}
   */
  public String recvText(Duration timeout) throws TimeoutException {
    return waiter.await(connection::recvText, timeout);
  }

  /**
   * Receives the payload of the next message, whatever its type, without decoding it.
   *
   * @throws ConnectionClosedException as {@link #recv}
   */
  public byte[] recvBytes() {
    return waiter.await(connection::recvBytes);
  }

  /**
   * Receives the payload of the next message, waiting for some time.
   *
   * @param timeout at most; zero or less returns only what is there
   * @throws TimeoutException as {@link #recv(Duration)}
   * @throws ConnectionClosedException as {@link #recv}
   */
  public byte[] recvBytes(Duration timeout) throws TimeoutException {
    return waiter.await(connection::recvBytes, timeout);
  }

  /**
   * Starts receiving the next message in fragments. Does not wait.
   *
   * @return a reader, which holds the place of a receive until the message is over or it is closed
   * @throws ConcurrencyException if another receive waits
   */
  public Reader recvStreaming() {
    return new Reader(connection.recvStreaming(), waiter);
  }

  /**
   * Sends a text message, waiting while the peer is slow: until the message was handed over and no
   * more than {@code writeLimit} bytes are unsent.
   *
   * @throws ConnectionClosedException if the connection ends before
   * @throws SendQueueFullException if too much waits already
   * @throws IllegalArgumentException if the text has an unpaired surrogate; nothing is sent then
   */
  public void send(String text) {
    waiter.await(() -> connection.send(text));
  }

  /**
   * Sends a binary message; fails as {@link #send(String)}.
   *
   * @param data the payload, copied
   */
  public void send(byte[] data) {
    waiter.await(() -> connection.send(data));
  }

  /**
   * Sends a binary message; fails as {@link #send(String)}.
   *
   * @param data the payload, from position to limit, copied; the position stays
   */
  public void send(ByteBuffer data) {
    waiter.await(() -> connection.send(data));
  }

  /**
   * Sends a binary message without copying it; fails as {@link #send(String)}.
   *
   * @param data the payload; released, also on failure
   */
  public void send(ByteBuf data) {
    sendBuffer(connection::send, data);
  }

  /** Sends a message of its type; fails as {@link #send(String)}. */
  public void send(Message message) {
    waiter.await(() -> connection.send(message));
  }

  /**
   * Sends a message, compressed or not; see {@link Connection#send(Message, boolean)}. Fails as
   * {@link #send(String)}.
   */
  public void send(Message message, boolean compress) {
    waiter.await(() -> connection.send(message, compress));
  }

  /**
   * Sends a text message from its UTF-8, which is not checked; fails as {@link #send(String)}.
   *
   * @param utf8 the payload, copied
   */
  public void sendText(byte[] utf8) {
    waiter.await(() -> connection.sendText(utf8));
  }

  /**
   * Sends a text message from its UTF-8 without copying or checking it; fails as {@link
   * #send(String)}.
   *
   * @param utf8 the payload; released, also on failure
   */
  public void sendText(ByteBuf utf8) {
    sendBuffer(connection::sendText, utf8);
  }

  /** Sends a binary message with the UTF-8 of a text; fails as {@link #send(String)}. */
  public void sendBinary(String text) {
    waiter.await(() -> connection.sendBinary(text));
  }

  /**
   * Sends a text message in fragments, one for each item. Items are taken on the calling thread,
   * the next one when the one before has passed {@code writeLimit}. Nothing is sent if there are no
   * items. The message takes its place among those of other threads when its first item is there;
   * what the calling thread sends is in order, since this returns when the message was handed over.
   *
   * <p>If the iterator or a send fails after the first item the connection fails with 1011, since a
   * part must not look like the whole.
   *
   * @throws RuntimeException what the iterator throws, or as {@link #send(String)}
   */
  public void sendText(Iterable<String> fragments) {
    sendAll(MessageType.TEXT, fragments, MessageWriter::write);
  }

  /**
   * Sends a binary message in fragments; see {@link #sendText(Iterable)}.
   *
   * @param fragments each copied
   */
  public void sendBinary(Iterable<byte[]> fragments) {
    sendAll(MessageType.BINARY, fragments, MessageWriter::write);
  }

  /**
   * Starts a message that is sent in fragments. Does not wait.
   *
   * @return a writer, to be finished and then closed; until it is, messages sent after its first
   *     fragment wait
   */
  public Writer sendStreaming(MessageType type) {
    return new Writer(connection.sendStreaming(type), waiter);
  }

  /**
   * Starts a message that is sent in fragments, compressed or not; see {@link
   * Connection#send(Message, boolean)}.
   *
   * @return a writer as that of {@link #sendStreaming(MessageType)}
   */
  public Writer sendStreaming(MessageType type, boolean compress) {
    return new Writer(connection.sendStreaming(type, compress), waiter);
  }

  /**
   * Sends a ping with four random bytes and waits for its pong, or the pong of a later ping.
   *
   * @return the latency
   * @throws ConnectionClosedException if the connection ends before
   */
  public Duration ping() {
    return waiter.await(connection::ping);
  }

  /**
   * Sends a ping and waits for its pong for some time.
   *
   * @return the latency
   * @throws TimeoutException if there was no pong by then
   * @throws ConnectionClosedException as {@link #ping()}
   */
  public Duration ping(Duration timeout) throws TimeoutException {
    return waiter.await(connection::ping, timeout);
  }

  /**
   * Sends a ping and waits for its pong.
   *
   * @param payload at most 125 bytes, copied
   * @return the latency
   * @throws ConcurrencyException if a ping with the same payload waits for its pong
   * @throws ConnectionClosedException as {@link #ping()}
   * @throws IllegalArgumentException if the payload is too long; nothing is sent then
   */
  public Duration ping(byte[] payload) {
    return waiter.await(() -> connection.ping(payload));
  }

  /**
   * Sends a ping and waits for its pong for some time; fails as {@link #ping(byte[])}.
   *
   * @param payload at most 125 bytes, copied; free for another ping after a timeout
   * @return the latency
   * @throws TimeoutException if there was no pong by then
   */
  public Duration ping(byte[] payload, Duration timeout) throws TimeoutException {
    return waiter.await(() -> connection.ping(payload), timeout);
  }

  /**
   * Sends an unsolicited pong without payload.
   *
   * @throws ConnectionClosedException if the connection is closed
   */
  public void pong() {
    waiter.await(connection::pong);
  }

  /**
   * Sends an unsolicited pong.
   *
   * @param payload at most 125 bytes, copied
   * @throws ConnectionClosedException if the connection is closed
   * @throws IllegalArgumentException if the payload is too long; nothing is sent then
   */
  public void pong(byte[] payload) {
    waiter.await(() -> connection.pong(payload));
  }

  /** Closes with 1000 and waits until the connection is closed; see {@link #close(int, String)}. */
  @Override
  public void close() {
    waiter.await(connection::close);
  }

  /**
   * Closes and waits until the connection is closed, at the latest until the close timeout; see
   * {@link Connection#close(int, String)}. A thread that is interrupted stops waiting; the
   * connection is closed nevertheless.
   *
   * @param code the close code, or 1005 for a close frame without any
   * @param reason the reason, at most 123 bytes in UTF-8
   * @throws IllegalArgumentException if the code may not be sent or the reason is too long; the
   *     connection is untouched then
   */
  public void close(int code, String reason) {
    waiter.await(() -> connection.close(code, reason));
  }

  /** Waits until the connection is closed, without closing it. */
  public void waitClosed() {
    waiter.await(connection::waitClosed);
  }

  /** Returns the identifier; see {@link Connection#id}. */
  public UUID id() {
    return connection.id();
  }

  /** Returns the state. */
  public ConnectionState state() {
    return connection.state();
  }

  /** Returns the latency measured last, zero before the first; see {@link Connection#latency}. */
  public Duration latency() {
    return connection.latency();
  }

  /** Returns the code of the peer's close frame; see {@link Connection#closeCode}. */
  public OptionalInt closeCode() {
    return connection.closeCode();
  }

  /** Returns the reason of the peer's close frame; empty until the connection is closed. */
  public Optional<String> closeReason() {
    return connection.closeReason();
  }

  /** Returns the request of the opening handshake; empty if others made the handshake. */
  public Optional<HttpRequest> request() {
    return connection.request();
  }

  /** Returns the response of the opening handshake; empty if others made the handshake. */
  public Optional<HttpResponse> response() {
    return connection.response();
  }

  /** Returns the subprotocol that was agreed on. */
  public Optional<String> subprotocol() {
    return connection.subprotocol();
  }

  /** Returns the logger of this connection; its lines begin with the identifier. */
  public Logger logger() {
    return connection.logger();
  }

  /** Returns our address; also after the end. */
  public SocketAddress localAddress() {
    return connection.localAddress();
  }

  /** Returns the peer's address; also after the end. */
  public SocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  /** Returns the channel. */
  public Channel channel() {
    return connection.channel();
  }

  /** Returns the identifier, for logs. */
  @Override
  public String toString() {
    return "Blocking" + connection;
  }

  private void sendBuffer(Function<ByteBuf, CompletableFuture<Void>> send, ByteBuf payload) {
    if (payload == null) {
      send.apply(null); // refuses, and says its name
    }
    try {
      waiter.check();
    } catch (BlockingOperationException refused) {
      payload.release();
      throw refused;
    }
    waiter.await(() -> send.apply(payload));
  }

  private <T> void sendAll(
      MessageType type,
      Iterable<T> fragments,
      BiFunction<MessageWriter, T, CompletableFuture<Void>> write) {
    Objects.requireNonNull(fragments, "fragments");
    waiter.check();
    FragmentWriter writer = connection.gate().writer(type);
    try {
      for (T fragment : fragments) {
        Objects.requireNonNull(fragment, "fragment is null");
        waiter.await(() -> write.apply(writer, fragment));
      }
      waiter.await(writer::finish);
    } catch (Throwable failure) {
      writer.abort(failure);
      throw failure;
    }
  }

  /**
   * Receives one message in fragments, as they arrive. From {@link #recvStreaming}.
   *
   * <p>It holds the connection's only place for receiving until the last fragment was handed out,
   * it was closed, or {@link #next} failed because the connection ended. One call at a time; only
   * {@link #close} and {@link #discard} may come in between, after which the waiting call throws
   * {@link CancellationException}.
   */
  public static final class Reader implements AutoCloseable, Iterable<Fragment> {
    private final MessageReader reader;
    private final Waiter waiter;
    private volatile boolean isAtEnd;
    private volatile boolean isDiscarded;

    Reader(MessageReader reader, Waiter waiter) {
      this.reader = reader;
      this.waiter = waiter;
    }

    /**
     * Receives the next fragment, waiting for it; see {@link MessageReader#next}.
     *
     * @throws ConnectionClosedException if the connection ends first, however well: the message is
     *     not whole
     * @throws ConcurrencyException if another call waits
     * @throws IllegalStateException if the message is over
     */
    public Fragment next() {
      return taken(waiter.await(reader::next));
    }

    /**
     * Receives the next fragment, waiting for some time; fails as {@link #next()}.
     *
     * @param timeout at most; zero or less returns only what is there
     * @throws TimeoutException if there was none by then; the next call gets it
     */
    public Fragment next(Duration timeout) throws TimeoutException {
      return taken(waiter.await(reader::next, timeout));
    }

    private Fragment taken(Fragment fragment) {
      if (fragment.isLast()) {
        isAtEnd = true;
      }
      return fragment;
    }

    /** Returns whether the last fragment was handed out. */
    boolean isAtEnd() {
      return isAtEnd;
    }

    /**
     * Returns the type of the message.
     *
     * @throws IllegalStateException before the first fragment
     */
    public MessageType type() {
      return reader.type();
    }

    /** Iterates over the fragments that are left; the iterator throws what {@link #next} throws. */
    @Override
    public Iterator<Fragment> iterator() {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return !isAtEnd && !isDiscarded;
        }

        @Override
        public Fragment next() {
          if (!hasNext()) {
            throw new NoSuchElementException("the message is over");
          }
          return Reader.this.next();
        }
      };
    }

    /**
     * Returns the payload that is left as a stream, which goes on from fragment to fragment. It
     * throws {@link java.io.IOException} if the connection ends before the message does; closing it
     * discards what is left. Not for several threads at once; to be called once.
     */
    public InputStream asInputStream() {
      return new FragmentInputStream(this);
    }

    /**
     * Returns the text that is left as characters; otherwise like {@link #asInputStream}. Reading
     * throws {@link IllegalStateException} if the message is binary.
     */
    public java.io.Reader asReader() {
      return new FragmentCharacters(this);
    }

    /**
     * Gives up the rest of the message: it is dropped as it arrives, and the next receive gets the
     * next message. Before the first fragment nothing is dropped. Does not wait; does nothing once
     * the message is over.
     */
    public void discard() {
      isDiscarded = true;
      reader.discard();
    }

    /** Discards what is left; see {@link #discard}. */
    @Override
    public void close() {
      discard();
    }
  }

  /**
   * Sends one message in fragments. From {@link #sendStreaming}.
   *
   * <p>Closing it without {@link #finish} fails the connection with 1011 if a fragment was sent, so
   * that no exception half-way makes a part look like the whole. Fragments of several threads go
   * out in the order of the calls.
   */
  public static final class Writer implements AutoCloseable {
    private final MessageWriter writer;
    private final Waiter waiter;

    Writer(MessageWriter writer, Waiter waiter) {
      this.writer = writer;
      this.waiter = waiter;
    }

    /**
     * Sends a fragment of text, waiting while the peer is slow. The first waits for messages that
     * were sent before.
     *
     * @throws ConnectionClosedException if the connection ends before
     * @throws SendQueueFullException if too much waits already
     * @throws IllegalStateException if the message is over
     * @throws IllegalArgumentException if the message is binary, or the text has an unpaired
     *     surrogate; nothing is sent then
     */
    public void write(String text) {
      waiter.await(() -> writer.write(text));
    }

    /**
     * Sends a fragment: of a binary message, or of the UTF-8 of a text, cut anywhere; fails as
     * {@link #write(String)}.
     *
     * @param data the payload, copied
     */
    public void write(byte[] data) {
      waiter.await(() -> writer.write(data));
    }

    /**
     * Sends a fragment of part of an array; fails as {@link #write(String)}.
     *
     * @param data the payload, copied
     * @param offset where it begins
     * @param length its length
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void write(byte[] data, int offset, int length) {
      waiter.await(() -> writer.write(data, offset, length));
    }

    /**
     * Ends the message, with an empty last fragment. A message of no fragment at all is not sent.
     * Does nothing if the message is over.
     *
     * @throws ConnectionClosedException if the connection ends before
     */
    public void finish() {
      waiter.await(writer::finish);
    }

    /**
     * Gives up; see {@link MessageWriter#abort}. Does not wait; does nothing if the message is
     * over.
     */
    public void abort() {
      writer.abort();
    }

    /**
     * Returns a stream that sends each {@code write} as a fragment at once: put a {@link
     * java.io.BufferedOutputStream} in front of small ones. It throws {@link java.io.IOException}
     * when the connection has ended. Closing it is closing this writer, so {@link #finish} first,
     * and flush what stands in front before that.
     */
    public OutputStream asOutputStream() {
      return new FragmentOutputStream(this);
    }

    /** Gives up unless the message is over; see {@link #abort}. */
    @Override
    public void close() {
      abort();
    }
  }
}
