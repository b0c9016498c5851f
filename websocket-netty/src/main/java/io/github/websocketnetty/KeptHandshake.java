package io.github.websocketnetty;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the opening handshake said, kept as bytes: as objects the headers would take several times
 * the memory of an idle connection.
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
          "X-Real-IP",
          ServerHandshake.DEFAULT_SERVER,
          "permessage-deflate");

  private static final Map<String, Integer> COMMON_INDEX =
      IntStream.range(0, COMMON.size()).boxed().collect(Collectors.toMap(COMMON::get, i -> i));

  // Instead of the length of a short text.
  private static final int FIRST_COMMON = 0x80;
  private static final int IS_NONE = 0xFB;
  private static final int IS_DATE = 0xFC;
  private static final int IS_KEY = 0xFD;
  private static final int IS_ACCEPT = 0xFE;
  private static final int IS_LONG = 0xFF;

  private static final int KEY_BYTES = 16;
  private static final int KEY_CHARS = 24;
  private static final int DATE_CHARS = 29;

  private KeptHandshake() {}

  /** Returns the bytes to keep, which nobody may change. */
  static byte[] bytesOf(HandshakeCompleted completed) {
    HttpRequest request = completed.request();
    HttpResponse response = completed.response();
    ByteBuf out = Unpooled.buffer(512);
    if (completed.subprotocol() == null) {
      out.writeByte(IS_NONE);
    } else {
      writeText(out, completed.subprotocol());
    }
    writeText(out, request.protocolVersion().text());
    writeText(out, request.method().name());
    writeText(out, request.uri());
    writeHeaders(out, request.headers(), null);
    writeText(out, response.protocolVersion().text());
    out.writeShort(response.status().code());
    writeText(out, response.status().reasonPhrase());
    writeHeaders(out, response.headers(), acceptFor(request));
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    return bytes;
  }

  /** Returns the subprotocol, or null. */
  static String subprotocol(byte[] bytes) {
    return readText(Unpooled.wrappedBuffer(bytes));
  }

  /** Returns a copy of the request. */
  static HttpRequest request(byte[] bytes) {
    return readRequest(Unpooled.wrappedBuffer(bytes));
  }

  /** Returns a copy of the response. */
  static HttpResponse response(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    HttpRequest request = readRequest(in); // stands before it
    HttpVersion version = HttpVersion.valueOf(readText(in));
    HttpResponseStatus status = HttpResponseStatus.valueOf(in.readShort(), readText(in));
    HttpResponse response = new DefaultHttpResponse(version, status);
    readHeaders(in, response.headers(), acceptFor(request));
    return response;
  }

  /** Returns what the response to a request most likely says, null if there is no key. */
  private static String acceptFor(HttpRequest request) {
    String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    return key == null ? null : ServerHandshake.acceptKey(key);
  }

  private static HttpRequest readRequest(ByteBuf in) {
    readText(in); // the subprotocol
    HttpVersion version = HttpVersion.valueOf(readText(in));
    HttpMethod method = HttpMethod.valueOf(readText(in));
    HttpRequest request = new DefaultHttpRequest(version, method, readText(in));
    readHeaders(in, request.headers(), null);
    return request;
  }

  private static void writeHeaders(ByteBuf out, HttpHeaders headers, String accept) {
    out.writeShort(headers.size());
    Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      writeText(out, header.getKey().toString());
      writeValue(out, header.getValue().toString(), accept);
    }
  }

  private static void readHeaders(ByteBuf in, HttpHeaders headers, String accept) {
    for (int i = in.readUnsignedShort(); i > 0; i--) {
      headers.add(readText(in), (Object) readValue(in, accept));
    }
  }

  private static void writeValue(ByteBuf out, String value, String accept) {
    byte[] key = keyOf(value);
    long date = dateOf(value);
    if (value.equals(accept)) {
      out.writeByte(IS_ACCEPT);
    } else if (key != null) {
      out.writeByte(IS_KEY).writeBytes(key);
    } else if (date >= 0) {
      out.writeByte(IS_DATE).writeInt((int) date);
    } else {
      writeText(out, value);
    }
  }

  private static String readValue(ByteBuf in, String accept) {
    switch (in.getUnsignedByte(in.readerIndex())) {
      case IS_ACCEPT -> {
        in.skipBytes(1);
        return accept;
      }
      case IS_KEY -> {
        byte[] key = new byte[KEY_BYTES];
        in.skipBytes(1).readBytes(key);
        return Base64.getEncoder().encodeToString(key);
      }
      case IS_DATE -> {
        return date(in.skipBytes(1).readUnsignedInt());
      }
      default -> {
        return readText(in);
      }
    }
  }

  /** Returns the bytes that a value stands for, null unless they are as many as those of a key. */
  private static byte[] keyOf(String value) {
    if (value.length() != KEY_CHARS) {
      return null;
    }
    try {
      byte[] key = Base64.getDecoder().decode(value);
      // The decoder takes forms that the encoder does not make.
      return Base64.getEncoder().encodeToString(key).equals(value) && key.length == KEY_BYTES
          ? key
          : null;
    } catch (IllegalArgumentException otherText) {
      return null;
    }
  }

  /** Returns the seconds that a value stands for, negative unless it is a date as we write it. */
  private static long dateOf(String value) {
    if (value.length() != DATE_CHARS || !value.endsWith("GMT")) {
      return -1;
    }
    Date date = DateFormatter.parseHttpDate(value);
    long seconds = date == null ? -1 : date.getTime() / 1000;
    boolean isKept = seconds >= 0 && seconds < 1L << Integer.SIZE && date(seconds).equals(value);
    return isKept ? seconds : -1;
  }

  private static String date(long seconds) {
    return DateFormatter.format(new Date(seconds * 1000));
  }

  private static void writeText(ByteBuf out, String text) {
    Integer common = COMMON_INDEX.get(text);
    if (common != null) {
      out.writeByte(FIRST_COMMON + common);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length < FIRST_COMMON) {
      out.writeByte(utf8.length);
    } else {
      out.writeByte(IS_LONG).writeInt(utf8.length);
    }
    out.writeBytes(utf8);
  }

  /** Returns a text, null for none. */
  private static String readText(ByteBuf in) {
    int length = in.readUnsignedByte();
    if (length == IS_NONE) {
      return null;
    }
    if (length == IS_LONG) {
      length = in.readInt();
    } else if (length >= FIRST_COMMON) {
      return COMMON.get(length - FIRST_COMMON);
    }
    return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
  }
}
