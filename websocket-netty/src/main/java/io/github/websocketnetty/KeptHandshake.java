package io.github.websocketnetty;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the opening handshake said, kept as bytes: as objects the headers would take several times
 * the memory of an idle connection. Immutable.
 */
final class KeptHandshake {
  /** What stands in most handshakes takes one byte. */
  private static final List<String> COMMON =
      List.of(
          "HTTP/1.1",
          "GET",
          "/",
          "Host",
          "Upgrade",
          "upgrade",
          "websocket",
          "Connection",
          "connection",
          "keep-alive, Upgrade",
          "Sec-WebSocket-Key",
          "Sec-WebSocket-Version",
          "13",
          "Sec-WebSocket-Extensions",
          "permessage-deflate; client_max_window_bits",
          "Sec-WebSocket-Protocol",
          "Sec-WebSocket-Accept",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-extensions",
          "sec-websocket-protocol",
          "sec-websocket-accept",
          "host",
          "origin",
          "Switching Protocols",
          "Date",
          "Server",
          "Origin",
          "Cookie",
          "User-Agent",
          "Accept",
          "Accept-Encoding",
          "gzip, deflate, br, zstd",
          "Accept-Language",
          "Cache-Control",
          "Pragma",
          "no-cache",
          "Authorization",
          "Sec-Fetch-Dest",
          "Sec-Fetch-Mode",
          "Sec-Fetch-Site",
          "X-Forwarded-For",
          "X-Forwarded-Proto",
          "X-Real-IP");

  private static final Map<String, Integer> COMMON_INDEX =
      IntStream.range(0, COMMON.size()).boxed().collect(Collectors.toMap(COMMON::get, i -> i));

  // Instead of the length of a short text.
  private static final int FIRST_COMMON = 0x80;
  private static final int IS_LONG = 0xFF;

  private final byte[] bytes;
  private final String subprotocol;

  private KeptHandshake(byte[] bytes, String subprotocol) {
    this.bytes = bytes;
    this.subprotocol = subprotocol;
  }

  static KeptHandshake of(HandshakeCompleted completed) {
    HttpRequest request = completed.request();
    HttpResponse response = completed.response();
    ByteBuf out = Unpooled.buffer(512);
    writeText(out, request.protocolVersion().text());
    writeText(out, request.method().name());
    writeText(out, request.uri());
    writeHeaders(out, request.headers());
    writeText(out, response.protocolVersion().text());
    out.writeShort(response.status().code());
    writeText(out, response.status().reasonPhrase());
    writeHeaders(out, response.headers());
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    return new KeptHandshake(bytes, completed.subprotocol());
  }

  /** Returns the subprotocol, or null. */
  String subprotocol() {
    return subprotocol;
  }

  /** Returns a copy of the request. */
  HttpRequest request() {
    return readRequest(Unpooled.wrappedBuffer(bytes));
  }

  /** Returns a copy of the response. */
  HttpResponse response() {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    readRequest(in); // stands before it
    HttpVersion version = HttpVersion.valueOf(readText(in));
    HttpResponseStatus status = HttpResponseStatus.valueOf(in.readShort(), readText(in));
    HttpResponse response = new DefaultHttpResponse(version, status);
    readHeaders(in, response.headers());
    return response;
  }

  private static HttpRequest readRequest(ByteBuf in) {
    HttpVersion version = HttpVersion.valueOf(readText(in));
    HttpMethod method = HttpMethod.valueOf(readText(in));
    HttpRequest request = new DefaultHttpRequest(version, method, readText(in));
    readHeaders(in, request.headers());
    return request;
  }

  private static void writeHeaders(ByteBuf out, HttpHeaders headers) {
    out.writeShort(headers.size());
    Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      writeText(out, header.getKey());
      writeText(out, header.getValue());
    }
  }

  private static void readHeaders(ByteBuf in, HttpHeaders headers) {
    for (int i = in.readUnsignedShort(); i > 0; i--) {
      headers.add(readText(in), (Object) readText(in));
    }
  }

  private static void writeText(ByteBuf out, CharSequence text) {
    Integer common = COMMON_INDEX.get(text.toString());
    if (common != null) {
      out.writeByte(FIRST_COMMON + common);
      return;
    }
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    if (utf8.length < FIRST_COMMON) {
      out.writeByte(utf8.length);
    } else {
      out.writeByte(IS_LONG).writeInt(utf8.length);
    }
    out.writeBytes(utf8);
  }

  private static String readText(ByteBuf in) {
    int length = in.readUnsignedByte();
    if (length == IS_LONG) {
      length = in.readInt();
    } else if (length >= FIRST_COMMON) {
      return COMMON.get(length - FIRST_COMMON);
    }
    return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
  }
}
