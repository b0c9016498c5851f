package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.HttpLimits;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Collects the response of a server that refuses, up to {@link HttpLimits#MAX_BODY}. */
final class ErrorResponse {
  private final WebSocketUri uri;
  private final HttpResponse head;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  ErrorResponse(WebSocketUri uri, HttpResponse head) {
    this.uri = uri;
    this.head = head;
  }

  /**
   * Copies the next part of the body.
   *
   * @throws HandshakeException if the part is malformed or the body becomes too long
   */
  void add(HttpContent part) {
    if (!part.decoderResult().isSuccess()) {
      throw ClientHandshake.invalidMessage(uri, part.decoderResult().cause());
    }
    ByteBuf content = part.content();
    if (body.size() + content.readableBytes() > HttpLimits.MAX_BODY) {
      throw ClientHandshake.invalidMessage(
          uri,
          new HandshakeException(
              Reason.SECURITY, "body too large: over " + HttpLimits.MAX_BODY + " bytes"));
    }
    try {
      content.readBytes(body, content.readableBytes());
    } catch (IOException cannotHappen) {
      throw new UncheckedIOException(cannotHappen);
    }
  }

  /** Returns the exception that carries what was collected. */
  InvalidStatusException complete() {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            head.protocolVersion(),
            head.status(),
            Unpooled.wrappedBuffer(body.toByteArray()),
            head.headers(),
            EmptyHttpHeaders.INSTANCE);
    return new InvalidStatusException(uri, response);
  }
}
