package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.ServerHandshakeStateEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;

/**
 * Answers the opening handshake of a server and puts a {@link WebSocketPipeline} in the place of
 * the HTTP handlers. Not sharable; event loop only.
 *
 * <p>It stands behind {@code HttpServerCodec}, or {@code HttpRequestDecoder} and {@code
 * HttpResponseEncoder}, with or without {@code HttpObjectAggregator} and other HTTP handlers of
 * Netty's between, which it removes with itself. Bytes behind the request are held until the 101 is
 * flushed; then {@link HandshakeCompleted} is fired, then they are read as frames. Netty's handlers
 * that negotiate extensions, such as {@code WebSocketServerCompressionHandler}, are removed before
 * they can: {@link ServerHandshakeOptions.Builder#compression} takes their place.
 *
 * <p>A refused client gets a response with the reason and the end of the output; its further input
 * is discarded. A client that does not complete its request within the open timeout gets a 408, and
 * is disconnected.
 *
 * <p>Auto-read belongs to the application, and is never changed. It may be off from the start, or
 * be switched off at any time: then this handler reads the first request by itself, as a client's
 * does the response, but no data frame is handed on without a {@code read()}, not even one that
 * arrived with the request; and once bytes are held, a {@code read()} brings no more of them before
 * the handshake is over. A client must wait for the 101 (RFC 6455 section 4.1). At most 1 MiB is
 * held of one that does not wait; if it sends more, it is disconnected.
 *
 * <p>With {@link ServerHandshakeOptions.Builder#passOtherRequests}, other requests pass to the
 * handlers behind, whose responses pass here in turn; a handshake that was pipelined behind such a
 * request waits for its response. Several handlers may then stand behind each other, one for each
 * path: those that did not open the connection are removed.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2">RFC 6455, section 4.2</a>
 */
public final class WebSocketServerHandshakeHandler extends ChannelDuplexHandler {
  private enum State {
    /** Waiting for the head or the end of a request. */
    READING,
    /** The rest of a request passes to the handlers behind. */
    PASSING,
    /** The HTTP decoder is gone; bytes are held. */
    DECIDING,
    /** Too many bytes were held; they are dropped until the channel is closed. */
    DROPPING,
    /** Everything passes, or nothing comes any more. */
    DONE
  }

  /** The first four bytes of a request that no handler in front has parsed. */
  private static final int GET = 'G' << 24 | 'E' << 16 | 'T' << 8 | ' ';

  private final Logger logger;
  private final ServerHandshakeOptions options;
  private final WebSocketPipeline webSocket;
  private final HeldInput held = new HeldInput();
  private OpenTimer timer;
  private State state = State.READING;
  private HttpRequest request;
  private ServerDecision decision;
  private int unanswered;
  private boolean consumed;
  private boolean asked;
  private boolean heardHttp;

  /** Whether there was an HTTP decoder in front, or the channel speaks another protocol. */
  private boolean expectsOthers;

  /**
   * Creates a handler for one connection.
   *
   * @param options how connections are opened
   * @param webSocket what is installed on success, of the server's side
   * @throws IllegalArgumentException if {@code webSocket} is a client's
   */
  public WebSocketServerHandshakeHandler(
      ServerHandshakeOptions options, WebSocketPipeline webSocket) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(webSocket, "webSocket");
    if (webSocket.side() != Side.SERVER) {
      throw new IllegalArgumentException("a server's handshake needs a server's pipeline");
    }
    this.options = options;
    this.webSocket = webSocket;
    logger = webSocket.logger();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timer = new OpenTimer(options.openTimeout(), () -> expired(ctx));
    Placement.requireEventLoop(ctx);
    Placement.requireOpening(ctx);
    HttpHandlers.detectTls(ctx, () -> spokeTls(ctx));
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
    ctx.fireChannelActive();
  }

  private void start(ChannelHandlerContext ctx) {
    expectsOthers = HttpHandlers.mayBeInFront(ctx);
    timer.start(ctx);
    if (!ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent && timer.isRunning()) {
      // TLS has a time limit of its own.
      timer.start(ctx);
    }
    if (event instanceof ChannelInputShutdownEvent && state == State.DECIDING) {
      // RFC 6455 knows no half-open connections.
      ctx.close();
    }
    boolean openedInFront =
        event instanceof HandshakeCompleted
            || event instanceof WebSocketServerProtocolHandler.HandshakeComplete;
    if (openedInFront && state != State.DONE) { // by another handler, such as that of another path
      finish(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException && !(cause instanceof SSLException) && isOpening()) {
      logger.debug("connection lost during the opening handshake: {}", cause.toString());
      ctx.close();
      return;
    }
    String tls = TlsFailures.ofClient(cause);
    if (tls != null && isOpening()) { // without the bytes, which may be a request with secrets
      logger.info("connection rejected ({}) {}", tls, ctx.channel());
      ctx.close();
      return;
    }
    if (cause instanceof Error && isOpening()) { // such as that of a class that is missing
      failed(ctx, cause);
      return;
    }
    ctx.fireExceptionCaught(cause);
  }

  private boolean isOpening() {
    return state != State.DONE && unanswered == 0;
  }

  /** There will be no answer, and the client must not wait for one. */
  private void failed(ChannelHandlerContext ctx, Throwable cause) {
    logger.error("opening handshake failed", cause);
    ctx.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    switch (state) {
      case READING -> readHttp(ctx, msg);
      case PASSING -> pass(ctx, msg);
      case DECIDING -> hold(ctx, msg);
      case DROPPING -> ReferenceCountUtil.release(msg);
      case DONE -> ctx.fireChannelRead(msg);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    boolean wantsMore = consumed && state == State.READING;
    consumed = false;
    if (wantsMore && !ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
    ctx.fireChannelReadComplete();
  }

  /**
   * Remembers a demand that came too late for a request: a frame has to satisfy it. What is held
   * may be that frame; if it is not, the handlers that take our place read on.
   *
   * <p>With auto-read this cannot stop a client: the transports go on whether they are read or not.
   */
  @Override
  public void read(ChannelHandlerContext ctx) {
    boolean asksForFrame = state == State.DECIDING && !ctx.channel().config().isAutoRead();
    asked |= asksForFrame;
    if (!asksForFrame || held.isEmpty()) {
      ctx.read();
    }
  }

  /** Counts the responses of the handlers behind: a 101 may not overtake them. */
  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    boolean answers = msg instanceof LastHttpContent && !isInterim(msg) && unanswered > 0;
    ctx.write(msg, promise);
    if (answers && --unanswered == 0 && state == State.DECIDING) {
      ctx.executor().execute(() -> decide(ctx));
    }
  }

  private static boolean isInterim(Object msg) {
    return msg instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void readHttp(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HttpRequest head) {
      heardHttp = true;
      readHead(ctx, head);
    } else if (msg instanceof HttpContent content) {
      consumed = true;
      ReferenceCountUtil.release(msg);
      if (content instanceof LastHttpContent && request != null) {
        begin(ctx);
      }
    } else if (!heardHttp && msg instanceof ByteBuf bytes && isMisplaced(ctx, bytes)) {
      ReferenceCountUtil.release(msg);
      failed(ctx, HttpHandlers.misplaced(ctx));
    } else {
      expectsOthers = true;
      ctx.fireChannelRead(msg); // after an upgrade to something else
    }
  }

  private boolean isMisplaced(ChannelHandlerContext ctx, ByteBuf bytes) {
    return HttpHandlers.areBehind(ctx)
        || !expectsOthers
            && bytes.readableBytes() >= Integer.BYTES
            && bytes.getInt(bytes.readerIndex()) == GET;
  }

  private void readHead(ChannelHandlerContext ctx, HttpRequest head) {
    if (head.decoderResult().isSuccess() && isForOthers(head)) {
      timer.stop();
      unanswered++;
      state = State.PASSING;
      pass(ctx, head);
      return;
    }
    consumed = true;
    request = withoutContent(head);
    boolean complete = isMalformed(head) || head instanceof LastHttpContent || hasBody(head);
    ReferenceCountUtil.release(head);
    if (request.decoderResult().cause() instanceof PrematureChannelClosureException) {
      logger.debug("connection closed while reading HTTP headers");
      ctx.close();
    } else if (complete) {
      // A body is never read: it is refused by the headers that announce it.
      begin(ctx);
    }
  }

  private boolean isForOthers(HttpRequest head) {
    return options.passOtherRequests()
        && (!options.matches(head.uri()) || !head.headers().contains(HttpHeaderNames.UPGRADE));
  }

  private static boolean isMalformed(HttpRequest head) {
    return !head.decoderResult().isSuccess();
  }

  private static boolean hasBody(HttpRequest head) {
    return HttpUtil.isTransferEncodingChunked(head)
        || HttpUtil.isContentLengthSet(head) && HttpUtil.getContentLength(head, -1L) != 0;
  }

  private static HttpRequest withoutContent(HttpRequest head) {
    HttpRequest copy;
    try {
      copy =
          new DefaultHttpRequest(head.protocolVersion(), head.method(), head.uri(), head.headers());
      copy.setDecoderResult(head.decoderResult());
    } catch (IllegalArgumentException malformed) { // is answered like what the decoder refuses
      copy = new DefaultHttpRequest(head.protocolVersion(), HttpMethod.GET, "/", head.headers());
      copy.setDecoderResult(DecoderResult.failure(malformed));
    }
    return copy;
  }

  private void pass(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof LastHttpContent) {
      state = State.READING;
    }
    ctx.fireChannelRead(msg);
  }

  private void hold(ChannelHandlerContext ctx, Object msg) {
    if (!(msg instanceof ByteBuf buffer)) {
      ReferenceCountUtil.release(msg);
    } else if (held.hasRoomFor(buffer)) {
      held.add(ctx.alloc(), buffer);
    } else {
      buffer.release();
      tooMuch(ctx);
    }
  }

  private void tooMuch(ChannelHandlerContext ctx) {
    logger.info(
        "connection rejected (client sent more than {} bytes before the 101) {}",
        HeldInput.MAX_BYTES,
        ctx.channel());
    end();
    state = State.DROPPING;
    ctx.close();
  }

  private void begin(ChannelHandlerContext ctx) {
    state = State.DECIDING;
    if (!timer.isRunning()) {
      timer.start(ctx);
    }
    // First of all, so that nothing behind the request is parsed as HTTP.
    try {
      HttpHandlers.removeDecoder(ctx);
      HttpHandlers.removeExtensions(ctx, options.compresses(), logger);
    } catch (IllegalStateException misplaced) {
      logger.error("opening handshake failed", misplaced);
      HandshakeException internal =
          new HandshakeException(Reason.INTERNAL, "opening handshake failed");
      refuse(ctx, ServerHandshake.refuse(internal, options.clock().instant()));
      return;
    }
    if (logger.isDebugEnabled()) {
      logger.debug("{} < {}", ctx.channel(), LogLines.of(request));
    }
    decision =
        new ServerDecision(
            options,
            request,
            ctx.executor(),
            logger,
            () -> decided(ctx),
            failure -> failed(ctx, failure));
    request = null;
    if (unanswered == 0) {
      decide(ctx);
    }
  }

  private void decide(ChannelHandlerContext ctx) {
    if (state != State.DECIDING) {
      return;
    }
    decision.start();
  }

  private void decided(ChannelHandlerContext ctx) {
    FullHttpResponse response = decision.takeResponse();
    HttpResponseStatus status = response.status();
    if (logger.isDebugEnabled()) {
      logger.debug("{} > {}", ctx.channel(), LogLines.of(response));
    }
    if (status.code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      String what = decision.isRejected() ? "connection rejected" : "HTTP response sent";
      logger.info("{} ({} {}) {}", what, status.code(), status.reasonPhrase(), ctx.channel());
      refuse(ctx, response);
      return;
    }
    ChannelFuture written = ctx.writeAndFlush(response);
    // Some transports only complete it later; frames may be written once it is on its way.
    written.addListener(done -> written(ctx, response, done.isSuccess()));
  }

  private static HandshakeCompleted completed(ServerDecision decision, FullHttpResponse response) {
    HttpResponse head =
        new DefaultHttpResponse(
            response.protocolVersion(), response.status(), response.headers().copy());
    return new HandshakeCompleted(
        decision.request(),
        head,
        decision.subprotocol(),
        decision.extensions().stream().map(Extension::toString).toList());
  }

  private void written(ChannelHandlerContext ctx, FullHttpResponse response, boolean success) {
    if (state != State.DECIDING) {
      return;
    }
    if (!success) {
      ctx.close();
      return;
    }
    timer.stop();
    HandshakeCompleted completed;
    try {
      decision.written(response); // of which the headers are left
      completed = completed(decision, response);
      HttpHandlers.removeAll(ctx);
      webSocket.addAfter(ctx.pipeline(), ctx.name(), options.agreed(decision.extensions()));
    } catch (Throwable e) { // a listener that throws would only be logged
      failed(ctx, e);
      return;
    }
    if (asked) {
      askForFrames(ctx);
    }
    ctx.fireUserEventTriggered(completed);
    if (options.nettyEvents()) {
      fireNettyEvents(ctx, completed);
    }
    held.passOn(ctx);
    finish(ctx);
  }

  @SuppressWarnings("deprecation") // as Netty's handler does, for those who still look for it
  private static void fireNettyEvents(ChannelHandlerContext ctx, HandshakeCompleted completed) {
    HttpRequest request = completed.request();
    ctx.fireUserEventTriggered(ServerHandshakeStateEvent.HANDSHAKE_COMPLETE);
    ctx.fireUserEventTriggered(
        new WebSocketServerProtocolHandler.HandshakeComplete(
            request.uri(), request.headers(), completed.subprotocol()));
  }

  /** Hands the demand of the handlers behind over to ours. */
  private static void askForFrames(ChannelHandlerContext ctx) {
    ChannelHandlerContext last = ctx.pipeline().context(WebSocketKeepaliveHandler.class);
    ((WebSocketKeepaliveHandler) last.handler()).read(last);
  }

  private void finish(ChannelHandlerContext ctx) {
    state = State.DONE;
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void refuse(ChannelHandlerContext ctx, FullHttpResponse response) {
    LingeringCloseHandler.close(ctx, response);
    held.release();
    finish(ctx);
  }

  private void expired(ChannelHandlerContext ctx) {
    logger.debug("timed out during opening handshake {}", ctx.channel());
    if (options.nettyEvents()) {
      ctx.fireUserEventTriggered(ServerHandshakeStateEvent.HANDSHAKE_TIMEOUT);
    }
    if (state != State.READING || unanswered > 0) {
      ctx.close();
      return;
    }
    if (!HttpHandlers.mayBeInFront(ctx)) {
      expiredWithoutHttp(ctx);
      return;
    }
    refuse(ctx, new HandshakeException(Reason.TIMEOUT, "timed out during opening handshake"));
  }

  /** There can be no request; the channel may have been upgraded to another protocol. */
  private void expiredWithoutHttp(ChannelHandlerContext ctx) {
    if (expectsOthers) {
      finish(ctx);
    } else {
      failed(ctx, HttpHandlers.misplaced(ctx));
    }
  }

  /** A client of TLS sees that it is not for this port, instead of a request that never ends. */
  private void spokeTls(ChannelHandlerContext ctx) {
    if (state == State.READING && unanswered == 0) {
      logger.info("connection rejected (TLS on a port without TLS) {}", ctx.channel());
      refuse(ctx, new HandshakeException(Reason.INVALID_MESSAGE, "this port does not speak TLS"));
    }
  }

  /** Answers to what is not yet a whole request. */
  private void refuse(ChannelHandlerContext ctx, HandshakeException reason) {
    state = State.DECIDING;
    HttpHandlers.removeDecoder(ctx);
    HttpHandlers.removeContentEncoder(ctx);
    refuse(ctx, ServerHandshake.refuse(reason, options.clock().instant()));
  }

  /** The connection is gone, or this handler; also called when all is well, for what is left. */
  private void end() {
    state = State.DONE;
    timer.stop();
    if (decision != null) {
      decision.abandon();
    }
    held.release();
  }
}
