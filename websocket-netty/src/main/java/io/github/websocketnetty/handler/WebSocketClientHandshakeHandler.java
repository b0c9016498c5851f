package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.EOFException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.slf4j.Logger;

/**
 * Does the opening handshake of a client and puts a {@link WebSocketPipeline} in the place of the
 * HTTP handlers. Not sharable; event loop only, except for {@link #handshakeFuture}.
 *
 * <p>It stands behind {@code HttpClientCodec}, or {@code HttpRequestEncoder} and {@code
 * HttpResponseDecoder}, and sends the request as soon as the channel is active. Other HTTP handlers
 * of Netty's between may stay; all are removed with this one. Those that negotiate extensions, such
 * as {@code WebSocketClientCompressionHandler}, are removed before they can: {@link
 * ClientHandshakeOptions.Builder#compression} takes their place. On success {@link
 * HandshakeCompleted} is fired, then the future completes, then the bytes behind the response are
 * read as frames. On failure, and when the open timeout expires, the channel is closed.
 *
 * <p>With auto-read off this handler reads the response by itself; but no data frame is handed on
 * without a {@code read()}, not even one that arrived with the response.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, section 4.1</a>
 */
public final class WebSocketClientHandshakeHandler extends ChannelDuplexHandler {
  private enum State {
    /** The request was not sent. */
    IDLE,
    /** Waiting for the head of a response. */
    READING,
    /** Inside an interim response. */
    SKIPPING,
    /** Inside the body of a response that refuses. */
    COLLECTING,
    /** The head of the 101 was accepted; bytes are held. */
    OPENING,
    /** Everything passes. */
    OPEN,
    /** Everything is dropped. */
    FAILED
  }

  private final ClientHandshakeOptions options;
  private final ClientHandshake handshake;
  private final WebSocketPipeline webSocket;
  private final String key = ClientHandshake.newKey();
  private final HeldInput held = new HeldInput();
  private final HandshakePromise promise = new HandshakePromise();
  private OpenTimer timer;
  private State state = State.IDLE;
  private volatile boolean requestSent;
  private HttpRequest request;
  private HttpResponse response;
  private ClientHandshake.Agreement agreement;
  private ErrorResponse refusal;

  private boolean issuedFired;

  /** Whether the server agreed: from then on, nothing fails the handshake any more. */
  private boolean agreed;

  /**
   * Creates a handler for one connection.
   *
   * @param options where to connect to, and how
   * @param webSocket what is installed on success, of the client's side
   * @throws IllegalArgumentException if {@code webSocket} is a server's
   */
  public WebSocketClientHandshakeHandler(
      ClientHandshakeOptions options, WebSocketPipeline webSocket) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(webSocket, "webSocket");
    if (webSocket.side() != Side.CLIENT) {
      throw new IllegalArgumentException("a client's handshake needs a client's pipeline");
    }
    this.options = options;
    this.handshake = options.handshake();
    this.webSocket = webSocket;
  }

  /**
   * Returns the outcome. May be called at any time, from any thread; completes on the event loop.
   *
   * <p>It fails with {@link HandshakeException}, or with what closed the connection. Cancelling it
   * closes the channel.
   */
  public Future<HandshakeCompleted> handshakeFuture() {
    return promise;
  }

  /** Returns whether the request was written, if only as far as TLS. Any thread. */
  public boolean isRequestSent() {
    return requestSent;
  }

  /** Learns its executor only when the handler is added. */
  private static final class HandshakePromise extends DefaultPromise<HandshakeCompleted> {
    private volatile EventExecutor executor = GlobalEventExecutor.INSTANCE;

    @Override
    protected EventExecutor executor() {
      return executor;
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    promise.executor = ctx.executor();
    timer =
        new OpenTimer(
            options.openTimeout(),
            () -> fail(ctx, timedOut(), ClientHandshakeStateEvent.HANDSHAKE_TIMEOUT));
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            fail(ctx, null);
          }
        });
    try {
      Placement.requireEventLoop(ctx);
      Placement.requireOpening(ctx);
      Placement.requireAlone(ctx);
    } catch (IllegalStateException misplaced) {
      state = State.FAILED;
      promise.tryFailure(misplaced);
      throw misplaced;
    }
    if (!options.uri().secure()) {
      HttpHandlers.detectTls(ctx, () -> fail(ctx, looksLikeTls()));
    }
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    fail(ctx, closed(ctx));
    timer.stop();
    held.release();
  }

  /** Why there is no connection is why there is no handshake. */
  @Override
  public void connect(
      ChannelHandlerContext ctx,
      SocketAddress remoteAddress,
      SocketAddress localAddress,
      ChannelPromise promise) {
    ChannelPromise connected = promise.unvoid();
    connected.addListener(
        done -> {
          if (done.cause() != null) {
            fail(ctx, done.cause());
          }
        });
    ctx.connect(remoteAddress, localAddress, connected);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
    ctx.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, closed(ctx));
    held.release();
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      fail(ctx, closed(ctx));
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (agreed) {
      ctx.fireExceptionCaught(cause);
    } else {
      fail(ctx, cause);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (state == State.OPEN) {
      ctx.fireChannelRead(msg);
      return;
    }
    if (state == State.OPENING && msg instanceof ByteBuf buffer) {
      held.add(ctx.alloc(), buffer); // no more than arrives within one call of open
      return;
    }
    try {
      if (msg instanceof HttpResponse head && state == State.READING) {
        readHead(ctx, head);
      }
      if (msg instanceof HttpContent content) {
        readContent(ctx, content);
      }
    } catch (RuntimeException e) {
      fail(ctx, e);
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (state != State.OPEN && !ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
    ctx.fireChannelReadComplete();
  }

  private void start(ChannelHandlerContext ctx) {
    if (state != State.IDLE) {
      return;
    }
    if (HttpHandlers.areBehind(ctx)) {
      fail(ctx, HttpHandlers.misplaced(ctx));
      return;
    }
    state = State.READING;
    requestSent = true;
    timer.start(ctx);
    // It would wait for the end of what never ends, such as a 101 without the right headers.
    HttpHandlers.removeAggregator(ctx);
    HttpHandlers.removeExtensions(ctx, options.compresses(), webSocket.logger());
    FullHttpRequest message = handshake.request(key);
    request =
        new DefaultHttpRequest(
            message.protocolVersion(), message.method(), message.uri(), message.headers().copy());
    Logger logger = webSocket.logger();
    if (logger.isDebugEnabled()) {
      logger.debug("{} > {}", ctx.channel(), LogLines.of(message));
    }
    ctx.writeAndFlush(message)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                // Later: those behind may not have been added yet.
                ctx.executor().execute(() -> fireIssued(ctx));
              } else {
                fail(ctx, written.cause());
              }
            });
    if (!ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }

  private void fireIssued(ChannelHandlerContext ctx) {
    if (!issuedFired && state != State.FAILED) {
      issuedFired = true;
      fireNettyEvent(ctx, ClientHandshakeStateEvent.HANDSHAKE_ISSUED);
    }
  }

  private void readHead(ChannelHandlerContext ctx, HttpResponse head) {
    if (webSocket.logger().isDebugEnabled()) {
      webSocket.logger().debug("{} < {}", ctx.channel(), LogLines.of(head));
    }
    handshake.checkMessage(head);
    if (head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      // The decoder reports the end of a 101 only if it is one of WebSocket, so verify it here.
      agreement = handshake.verify(head, key);
      response =
          new DefaultHttpResponse(head.protocolVersion(), head.status(), head.headers().copy());
      state = State.OPENING;
    } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      state = State.SKIPPING;
    } else {
      state = State.COLLECTING;
      refusal = new ErrorResponse(options.uri(), head);
    }
  }

  private void readContent(ChannelHandlerContext ctx, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (state == State.OPENING && last) {
      open(ctx);
    } else if (state == State.SKIPPING && last) {
      state = State.READING;
    } else if (state == State.COLLECTING) {
      refusal.add(content);
      if (last) {
        fail(ctx, refusal.complete());
      }
    }
  }

  private void open(ChannelHandlerContext ctx) {
    // First of all, so that nothing behind the response is parsed as HTTP.
    HttpHandlers.removeDecoder(ctx);
    if (!promise.setUncancellable()) {
      return;
    }
    timer.stop();
    HttpHandlers.removeAll(ctx);
    webSocket.addAfter(ctx.pipeline(), ctx.name(), options.agreed(agreement.extensions()));
    agreed = true;
    fireIssued(ctx);
    HandshakeCompleted completed =
        new HandshakeCompleted(
            request,
            response,
            agreement.subprotocol(),
            agreement.extensions().stream().map(Extension::toString).toList());
    ctx.fireUserEventTriggered(completed);
    fireNettyEvent(ctx, ClientHandshakeStateEvent.HANDSHAKE_COMPLETE);
    promise.trySuccess(completed);
    held.passOn(ctx);
    state = State.OPEN;
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void fireNettyEvent(ChannelHandlerContext ctx, ClientHandshakeStateEvent event) {
    if (options.nettyEvents()) {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, cause, null);
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause, ClientHandshakeStateEvent event) {
    if (state == State.FAILED || agreed) {
      return;
    }
    // It has no message, and may be told before the end of the channel.
    boolean isClosed = cause instanceof ClosedChannelException && state != State.IDLE;
    Throwable failure = isClosed ? closed(ctx) : cause;
    state = State.FAILED;
    Throwable explained = TlsFailures.explained(failure, options.uri());
    if (cause == null || LogLines.isOfPeer(explained)) {
      String why = cause == null ? "cancelled" : LogLines.of(explained);
      webSocket.logger().debug("{} opening handshake failed: {}", ctx.channel(), why);
    } else {
      webSocket.logger().debug("{} opening handshake failed", ctx.channel(), explained);
    }
    timer.stop();
    held.release();
    if (explained != null) {
      promise.tryFailure(explained);
    }
    if (event != null) {
      fireNettyEvent(ctx, event);
    }
    ctx.close();
  }

  private HandshakeException closed(ChannelHandlerContext ctx) {
    String end = "connection closed " + phase(ctx) + " of " + options.uri();
    // A server of TLS may close without an alert.
    boolean mayBeTls = state == State.READING && !options.uri().secure();
    return ClientHandshake.invalidMessage(
        options.uri(), new EOFException(mayBeTls ? end + ", which may want wss" : end));
  }

  private HandshakeException looksLikeTls() {
    return new HandshakeException(
        Reason.INVALID_MESSAGE, "the answer of " + options.uri() + " looks like TLS, try wss");
  }

  private String phase(ChannelHandlerContext ctx) {
    if (state == State.COLLECTING) {
      return "while reading HTTP body";
    }
    return TlsFailures.isHandshakeOpen(ctx.pipeline())
        ? "in the TLS handshake"
        : "while reading HTTP status line or headers";
  }

  private static HandshakeException timedOut() {
    return new HandshakeException(Reason.TIMEOUT, "timed out during opening handshake");
  }
}
