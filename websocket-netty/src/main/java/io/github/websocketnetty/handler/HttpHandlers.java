package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContentDecoder;
import io.netty.handler.codec.http.HttpContentEncoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpObjectEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.cors.CorsHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketClientExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;

/** Finds Netty's HTTP handlers between the transport and a handshake handler, and removes them. */
final class HttpHandlers {
  private HttpHandlers() {}

  /**
   * Takes out what parses HTTP; the encoder stays. What it has read but not parsed is fired as a
   * {@link io.netty.buffer.ByteBuf} before this returns.
   *
   * @throws IllegalStateException if there is no handler that is known to parse HTTP
   */
  static void removeDecoder(ChannelHandlerContext own) {
    List<ChannelHandler> parsers = before(own, HttpHandlers::parses);
    if (parsers.isEmpty()) {
      combined(own).removeInboundHandler();
    }
    for (ChannelHandler handler : parsers) {
      if (handler instanceof HttpServerCodec codec) {
        codec.removeInboundHandler();
      } else if (handler instanceof HttpClientCodec codec) {
        codec.removeInboundHandler();
      } else {
        own.pipeline().remove(handler);
      }
    }
  }

  /** Looks at the first bytes in front of what parses HTTP, if there is such a handler. */
  static void detectTls(ChannelHandlerContext own, Runnable found) {
    List<ChannelHandler> parsers = before(own, HttpHandlers::parses);
    if (!parsers.isEmpty()) {
      ChannelHandlerContext parser = own.pipeline().context(parsers.get(0));
      own.pipeline().addBefore(parser.name(), null, new TlsRecordDetector(found));
    }
  }

  /** Takes out what joins the parts of messages. */
  static void removeAggregator(ChannelHandlerContext own) {
    before(own, HttpObjectAggregator.class::isInstance).forEach(own.pipeline()::remove);
  }

  /** Takes out what compresses responses, and refuses those to which no request was read. */
  static void removeContentEncoder(ChannelHandlerContext own) {
    before(own, HttpContentEncoder.class::isInstance).forEach(own.pipeline()::remove);
  }

  /**
   * Takes out Netty's handlers that negotiate extensions: they would agree on compression without
   * us, and decompress in front of our codec, where there are no frames yet.
   */
  static void removeExtensions(ChannelHandlerContext own, boolean compresses, Logger logger) {
    for (ChannelHandler handler : before(own, HttpHandlers::negotiates)) {
      own.pipeline().remove(handler);
      String name = handler.getClass().getSimpleName();
      if (compresses) {
        logger.debug("{} was removed: this handshake negotiates compression itself", name);
      } else {
        logger.warn("{} was removed: use the option compression of the handshake instead", name);
      }
    }
  }

  private static boolean negotiates(ChannelHandler handler) {
    return handler instanceof WebSocketServerExtensionHandler
        || handler instanceof WebSocketClientExtensionHandler;
  }

  /** Takes out everything that is about HTTP. */
  static void removeAll(ChannelHandlerContext own) {
    if (before(own, HttpHandlers::writes).isEmpty()) {
      combined(own).removeOutboundHandler();
    }
    before(own, HttpHandlers::isHttp).forEach(own.pipeline()::remove);
  }

  private static boolean parses(ChannelHandler handler) {
    return handler instanceof HttpServerCodec
        || handler instanceof HttpClientCodec
        || handler instanceof HttpObjectDecoder;
  }

  /** Returns whether something in front of {@code own} may parse HTTP. */
  static boolean mayBeInFront(ChannelHandlerContext own) {
    return !before(own, h -> parses(h) || h instanceof CombinedChannelDuplexHandler).isEmpty();
  }

  /** Returns whether frames are read in front of {@code own} instead of HTTP. */
  static boolean framesAreRead(ChannelHandlerContext own) {
    return !before(own, h -> h instanceof WebSocketFrameCodec || h instanceof WebSocketFrameDecoder)
        .isEmpty();
  }

  /** Returns whether the HTTP handlers stand behind {@code own} instead of before it. */
  static boolean areBehind(ChannelHandlerContext own) {
    return before(own, HttpHandlers::parses).isEmpty()
        && own.pipeline().toMap().values().stream().anyMatch(HttpHandlers::parses);
  }

  /** Returns what to throw if {@code own} does not stand behind HTTP handlers. */
  static IllegalStateException misplaced(ChannelHandlerContext own) {
    boolean client = own.handler() instanceof WebSocketClientHandshakeHandler;
    return new IllegalStateException(
        own.handler().getClass().getSimpleName()
            + " must stand behind "
            + (client ? "HttpClientCodec" : "HttpServerCodec")
            + ", or "
            + (client
                ? "HttpRequestEncoder and HttpResponseDecoder"
                : "HttpRequestDecoder and HttpResponseEncoder")
            + ", but the handlers are "
            + own.pipeline().names());
  }

  /**
   * Returns the handler that combines an HTTP decoder or encoder with something else. What is in it
   * cannot be seen; but something in front speaks HTTP, and if nothing else can, then it does.
   */
  private static CombinedChannelDuplexHandler<?, ?> combined(ChannelHandlerContext own) {
    List<ChannelHandler> found = before(own, CombinedChannelDuplexHandler.class::isInstance);
    if (found.size() != 1) {
      throw misplaced(own);
    }
    return (CombinedChannelDuplexHandler<?, ?>) found.get(0);
  }

  private static boolean writes(ChannelHandler handler) {
    return handler instanceof HttpServerCodec
        || handler instanceof HttpClientCodec
        || handler instanceof HttpObjectEncoder;
  }

  private static boolean isHttp(ChannelHandler handler) {
    return parses(handler)
        || writes(handler)
        || handler instanceof HttpObjectAggregator
        || handler instanceof HttpContentEncoder
        || handler instanceof HttpContentDecoder
        || handler instanceof HttpServerKeepAliveHandler
        || handler instanceof HttpServerExpectContinueHandler
        || handler instanceof CorsHandler
        || handler instanceof WebSocketServerHandshakeHandler; // of another path, without a use now
  }

  private static List<ChannelHandler> before(
      ChannelHandlerContext own, Predicate<ChannelHandler> wanted) {
    ChannelPipeline pipeline = own.pipeline();
    List<ChannelHandler> found = new ArrayList<>();
    for (String name : pipeline.names()) {
      ChannelHandlerContext context = pipeline.context(name);
      if (context == own) {
        break;
      }
      if (context != null && wanted.test(context.handler())) {
        found.add(context.handler());
      }
    }
    return found;
  }
}
