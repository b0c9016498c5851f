package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Says what went wrong with TLS in words for people. */
final class TlsFailures {
  /** {@code HTTP/} in the hexadecimal digits of Netty's message. */
  private static final String HTTP = ": 485454502f";

  private TlsFailures() {}

  /** Returns the exception for a client's user; {@code failure} itself if it is not about TLS. */
  static Throwable explained(Throwable failure, WebSocketUri uri) {
    Throwable cause = bare(failure);
    if (!uri.secure() || !(cause instanceof SSLException)) {
      return failure;
    }
    if (cause instanceof NotSslRecordException) {
      // Not as the cause: its message has all bytes, in hexadecimal digits.
      String answer = isHttp(cause) ? ", its answer is HTTP without TLS" : "";
      return new NotSslRecordException(uri + " does not speak TLS" + answer);
    }
    SSLException named =
        new SSLHandshakeException("TLS with " + uri + " failed: " + cause.getMessage());
    named.initCause(cause);
    return named;
  }

  /** Returns what a server logs about a client in a line, null if it is not about TLS. */
  static String ofClient(Throwable failure) {
    Throwable cause = bare(failure);
    if (cause instanceof NotSslRecordException) {
      return "what arrived is not TLS";
    }
    return cause instanceof SSLException ? "TLS failed: " + cause.getMessage() : null;
  }

  /** Returns whether TLS on a channel has begun, and its handshake has not succeeded. */
  static boolean isHandshakeOpen(ChannelPipeline pipeline) {
    for (Map.Entry<String, ChannelHandler> handler : pipeline) {
      if (handler.getValue() instanceof SslHandler tls && !tls.handshakeFuture().isSuccess()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHttp(Throwable notTls) {
    return String.valueOf(notTls.getMessage()).contains(HTTP);
  }

  private static Throwable bare(Throwable failure) {
    boolean isWrapped =
        failure instanceof DecoderException && failure.getCause() instanceof SSLException;
    return isWrapped ? failure.getCause() : failure;
  }
}
