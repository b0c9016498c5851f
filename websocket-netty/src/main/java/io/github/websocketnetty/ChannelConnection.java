package io.github.websocketnetty;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;

/**
 * The connection on a channel: checks arguments and encodes on the caller's thread, then hands over
 * to the queue, the gate and the control frames, which live on the event loop.
 */
final class ChannelConnection implements Connection {
  /** Bytes of a payload that the codec copies anyway, to put it behind its header. */
  private static final int SHORT = 4096;

  @SuppressWarnings("rawtypes")
  private static final AtomicReferenceFieldUpdater<ChannelConnection, LoopFuture> CLOSED =
      AtomicReferenceFieldUpdater.newUpdater(ChannelConnection.class, LoopFuture.class, "closed");

  private static final AtomicReferenceFieldUpdater<ChannelConnection, ConnectionIdentity> IDENTITY =
      AtomicReferenceFieldUpdater.newUpdater(
          ChannelConnection.class, ConnectionIdentity.class, "identity");

  private final ConnectionOptions options;
  private final byte[] handshake; // see KeptHandshake; null if others made it
  private final ConnectionPort port;
  private final boolean isServer;
  private final SocketAddress localAddress;
  private final SocketAddress remoteAddress;

  private ReceiveQueue queue;
  private SendGate gate;
  private volatile WebSocketClosed end;

  // Each null until somebody asks.
  private volatile LoopFuture<ConnectionClosedException> closed;
  private volatile ConnectionIdentity identity;

  /**
   * Creates a connection, which is usable once its {@link ConnectionHandler} is in the pipeline.
   *
   * @param side our role
   * @param handshake null if others made the opening handshake
   * @param port its way to the handlers that it stands on
   */
  ChannelConnection(
      Channel channel,
      Side side,
      ConnectionOptions options,
      HandshakeCompleted handshake,
      ConnectionPort port) {
    this.isServer = side == Side.SERVER;
    this.options = options;
    this.handshake = handshake == null ? null : KeptHandshake.bytesOf(handshake);
    this.port = port;
    // A closed channel has no addresses any more.
    this.localAddress = channel.localAddress();
    this.remoteAddress = channel.remoteAddress();
  }

  /** Takes the identifier that the log has shown already, if that is not null. */
  void identify(ConnectionIdentity known) {
    identity = known;
  }

  /** The handler is in the pipeline; event loop only, before anything else. */
  void attached(ChannelHandlerContext ctx, FrameSink receiver) {
    port.attached(ctx);
    ctx.channel().config().setWriteBufferWaterMark(options.writeBufferWaterMark());
    queue = new ReceiveQueue(options, ctx.executor(), port);
    gate = new SendGate(options, ctx.executor(), port);
    port.receiveData(receiver);
    port.read();
  }

  /** The handler is out of the pipeline: of an open channel, or after the end. Event loop only. */
  void detached() {
    port.receiveData(null);
    port.detached();
    ended(new WebSocketClosed(null, null, null, port.closing().cause()));
  }

  /** The connection is closed; its state says so already. Event loop only. */
  void ended(WebSocketClosed how) {
    if (end != null) {
      return;
    }
    end = how;
    ConnectionClosedException failure = ClosedFailure.of(how);
    gate.refuse(failure); // before anybody learns of the end, and sends
    queue.end(failure);
    gate.end(failure);
    LoopFuture<ConnectionClosedException> waited = closed;
    if (waited != null) {
      waited.complete(failure);
    }
    if (queue.dropped() > 0) {
      logger().debug("dropped {} data frames while closing", queue.dropped());
    }
  }

  /**
   * An exception came through the pipeline. It ends here: the application learns it as the cause of
   * how the connection ended. Event loop only.
   */
  void failed(Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      return; // the transport closes, and the handlers log it
    }
    logger().error("unexpected internal error", cause);
    // The details are none of the peer's business.
    port.closing().fail(new CloseStatus(CloseCode.INTERNAL_ERROR, ""), cause);
  }

  ConnectionPort port() {
    return port;
  }

  ReceiveQueue queue() {
    return queue;
  }

  SendGate gate() {
    return gate;
  }

  /** Returns the frame for this connection among those for all, or null if it needs its own. */
  ByteBuf sharedFrame(BroadcastFrames frames) {
    return port.mayShareFrames() ? frames.of(port.agreement()) : null;
  }

  EventExecutor loop() {
    return gate.loop();
  }

  private ControlFrames control() {
    return new ControlFrames(port, queue, gate, closed());
  }

  private LoopFuture<ConnectionClosedException> closed() {
    LoopFuture<ConnectionClosedException> known = closed;
    if (known == null) {
      known = new LoopFuture<>(loop());
      if (!CLOSED.compareAndSet(this, null, known)) {
        return closed;
      }
      ConnectionClosedException failure = queue.failure(); // it may have ended without seeing this
      if (failure != null) {
        known.complete(failure);
      }
    }
    return known;
  }

  private ConnectionIdentity identity() {
    if (identity == null) {
      Logger logger = options.logger(isServer ? Side.SERVER : Side.CLIENT);
      IDENTITY.compareAndSet(this, null, new ConnectionIdentity(logger));
    }
    return identity;
  }

  @Override
  public CompletableFuture<Message> recv() {
    return queue.recv();
  }

  @Override
  public CompletableFuture<String> recvText() {
    return queue.recvText();
  }

  @Override
  public CompletableFuture<byte[]> recvBytes() {
    return queue.recvBytes();
  }

  @Override
  public MessageReader recvStreaming() {
    return queue.stream();
  }

  @Override
  public CompletableFuture<Void> forEach(Consumer<? super Message> action) {
    Objects.requireNonNull(action, "action");
    return MessageLoop.forEach(loop(), queue, action);
  }

  @Override
  public CompletableFuture<Void> forEachAsync(
      Function<? super Message, ? extends CompletionStage<?>> action) {
    Objects.requireNonNull(action, "action");
    return MessageLoop.forEachAsync(loop(), queue, action);
  }

  @Override
  public CompletableFuture<Void> send(String text) {
    Objects.requireNonNull(text, "text");
    return gate.send(MessageType.TEXT, Unpooled.wrappedBuffer(Utf8.encode(text)));
  }

  @Override
  public CompletableFuture<Void> send(byte[] data) {
    Objects.requireNonNull(data, "data");
    return gate.send(MessageType.BINARY, copied(data));
  }

  @Override
  public CompletableFuture<Void> send(ByteBuffer data) {
    Objects.requireNonNull(data, "data");
    int length = data.remaining();
    ByteBuf copy =
        length > SHORT
            ? port.alloc().buffer(length).writeBytes(data.duplicate())
            : Unpooled.copiedBuffer(data);
    return gate.send(MessageType.BINARY, copy);
  }

  @Override
  public CompletableFuture<Void> send(ByteBuf data) {
    Objects.requireNonNull(data, "data");
    return gate.send(MessageType.BINARY, data);
  }

  @Override
  public CompletableFuture<Void> send(Message message) {
    Objects.requireNonNull(message, "message");
    return gate.send(message.type(), payload(message));
  }

  @Override
  public CompletableFuture<Void> send(Message message, boolean compress) {
    Objects.requireNonNull(message, "message");
    return gate.send(message.type(), payload(message), compress);
  }

  /** Messages are immutable, so their bytes need no copy. */
  private static ByteBuf payload(Message message) {
    return Unpooled.wrappedBuffer(
        message instanceof TextMessage text ? text.payload() : ((BinaryMessage) message).payload());
  }

  @Override
  public CompletableFuture<Void> sendText(byte[] utf8) {
    Objects.requireNonNull(utf8, "utf8");
    return gate.send(MessageType.TEXT, copied(utf8));
  }

  @Override
  public CompletableFuture<Void> sendText(ByteBuf utf8) {
    Objects.requireNonNull(utf8, "utf8");
    return gate.send(MessageType.TEXT, utf8);
  }

  @Override
  public CompletableFuture<Void> sendBinary(String text) {
    Objects.requireNonNull(text, "text");
    return gate.send(MessageType.BINARY, Unpooled.wrappedBuffer(Utf8.encode(text)));
  }

  @Override
  public CompletableFuture<Void> sendText(Iterable<String> fragments) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.TEXT, fragments, ChannelConnection::encoded);
  }

  @Override
  public CompletableFuture<Void> sendText(Iterable<String> fragments, Executor executor) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.TEXT, fragments, executor, ChannelConnection::encoded);
  }

  @Override
  public CompletableFuture<Void> sendText(Flow.Publisher<String> fragments) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.TEXT, fragments, ChannelConnection::encoded);
  }

  @Override
  public CompletableFuture<Void> sendBinary(Iterable<byte[]> fragments) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.BINARY, fragments, this::copied);
  }

  @Override
  public CompletableFuture<Void> sendBinary(Iterable<byte[]> fragments, Executor executor) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.BINARY, fragments, executor, this::copied);
  }

  @Override
  public CompletableFuture<Void> sendBinary(Flow.Publisher<byte[]> fragments) {
    Objects.requireNonNull(fragments, "fragments");
    return gate.sendAll(MessageType.BINARY, fragments, this::copied);
  }

  /** Copies a long payload to where the transport wants it. */
  private ByteBuf copied(byte[] data) {
    return data.length > SHORT
        ? port.alloc().buffer(data.length).writeBytes(data)
        : Unpooled.copiedBuffer(data);
  }

  private static ByteBuf encoded(String text) {
    return Unpooled.wrappedBuffer(Utf8.encode(text));
  }

  @Override
  public MessageWriter sendStreaming(MessageType type) {
    return gate.writer(type);
  }

  @Override
  public MessageWriter sendStreaming(MessageType type, boolean compress) {
    return gate.writer(type, compress);
  }

  @Override
  public CompletableFuture<Duration> ping() {
    return control().ping(null);
  }

  @Override
  public CompletableFuture<Duration> ping(byte[] payload) {
    Objects.requireNonNull(payload, "payload");
    return control().ping(payload.clone());
  }

  @Override
  public CompletableFuture<Void> pong() {
    return control().pong(new byte[0]);
  }

  @Override
  public CompletableFuture<Void> pong(byte[] payload) {
    Objects.requireNonNull(payload, "payload");
    return control().pong(payload.clone());
  }

  @Override
  public CompletableFuture<Void> close() {
    return control().close(CloseCode.NORMAL_CLOSURE, "");
  }

  @Override
  public CompletableFuture<Void> close(int code, String reason) {
    Objects.requireNonNull(reason, "reason");
    return control().close(code, reason);
  }

  @Override
  public CompletableFuture<Void> waitClosed() {
    return control().waitClosed();
  }

  @Override
  public UUID id() {
    return identity().id();
  }

  @Override
  public ConnectionState state() {
    return end != null ? ConnectionState.CLOSED : port.closing().state();
  }

  @Override
  public Duration latency() {
    return port.keepalive().latency();
  }

  @Override
  public OptionalInt closeCode() {
    WebSocketClosed how = end;
    return how == null ? OptionalInt.empty() : OptionalInt.of(how.closeCode());
  }

  @Override
  public Optional<String> closeReason() {
    return Optional.ofNullable(end).map(WebSocketClosed::closeReason);
  }

  @Override
  public Optional<HttpRequest> request() {
    return Optional.ofNullable(handshake).map(KeptHandshake::request);
  }

  @Override
  public Optional<HttpResponse> response() {
    return Optional.ofNullable(handshake).map(KeptHandshake::response);
  }

  @Override
  public Optional<String> subprotocol() {
    return Optional.ofNullable(handshake).map(KeptHandshake::subprotocol);
  }

  @Override
  public Logger logger() {
    return identity().logger();
  }

  @Override
  public SocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public Channel channel() {
    return port.ctx().channel();
  }

  @Override
  public BlockingConnection blocking() {
    return new BlockingConnection(this);
  }

  /** Returns the identifier, for logs. */
  @Override
  public String toString() {
    return "Connection[" + id() + ", " + state() + ", " + remoteAddress + "]";
  }
}
