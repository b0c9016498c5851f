package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Abbreviated;
import io.github.websocketnetty.protocol.CloseHandshake;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.ShownUri;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said about frames and HTTP messages in logs, and where. Nothing that a peer sends makes a
 * line long: payloads and header values are abbreviated. Credentials are left out.
 */
final class LogLines {
  private static final Logger SERVER = LoggerFactory.getLogger("io.github.websocketnetty.server");
  private static final Logger CLIENT = LoggerFactory.getLogger("io.github.websocketnetty.client");

  /** As many bytes as are looked at from the beginning and from the end of a payload. */
  private static final int PART = 200;

  private static final Set<String> SECRETS =
      Set.of("authorization", "proxy-authorization", "cookie", "set-cookie");

  private static final Set<String> URIS = Set.of("location", "content-location", "referer");

  private LogLines() {}

  /** Returns the logger of a role, unless the user has another. */
  static Logger logger(Side side) {
    return side == Side.SERVER ? SERVER : CLIENT;
  }

  /**
   * Returns a frame in a line, such as {@code TEXT 'hello' [5 bytes, continued]}.
   *
   * @param isText whether a continuation is one of a text
   */
  static String of(WebSocketFrame frame, boolean isText) {
    boolean showsText =
        frame instanceof TextWebSocketFrame
            || frame instanceof ContinuationWebSocketFrame && isText;
    String note = frame.isFinalFragment() ? "" : ", continued";
    return frame(OutboundFrames.opcode(frame), frame.content(), showsText, note);
  }

  /** Returns a whole frame, as a server sends it, in a line; leaves its indices alone. */
  static String ofEncoded(ByteBuf frame) {
    int begin = frame.readerIndex();
    int opcode = frame.getByte(begin) & 0x0F;
    boolean isCompressed = (frame.getByte(begin) >>> 4 & MessageInflater.RSV1) != 0;
    int header =
        switch (frame.getByte(begin + 1) & 0x7F) {
          case 126 -> 4;
          case 127 -> 10;
          default -> 2;
        };
    ByteBuf payload = frame.slice(begin + header, frame.readableBytes() - header);
    boolean showsText = opcode == Opcode.TEXT && !isCompressed;
    return frame(opcode, payload, showsText, isCompressed ? ", compressed" : "");
  }

  private static String frame(int opcode, ByteBuf payload, boolean showsText, String note) {
    int length = payload.readableBytes();
    String unit = length == 1 ? " byte" : " bytes";
    String content = payload(opcode, payload, showsText);
    return Opcode.name(opcode) + ' ' + content + "[" + length + unit + note + "]";
  }

  private static String payload(int opcode, ByteBuf payload, boolean showsText) {
    if (!payload.isReadable()) {
      return "";
    }
    if (opcode == Opcode.CLOSE) {
      return status(payload) + ' ';
    }
    byte[] ends = ends(payload);
    return showsText
        ? Abbreviated.text(printable(new String(ends, StandardCharsets.UTF_8))) + ' '
        : Abbreviated.hex(ends) + ' ';
  }

  private static String status(ByteBuf payload) {
    try {
      return printable(CloseStatus.decode(payload.duplicate()).toString());
    } catch (ProtocolException | IllegalArgumentException wrong) {
      return Abbreviated.hex(ends(payload));
    }
  }

  /** All of it, or its beginning and its end, more of each than is shown. */
  private static byte[] ends(ByteBuf payload) {
    int begin = payload.readerIndex();
    int length = payload.readableBytes();
    if (length <= 2 * PART) {
      return ByteBufUtil.getBytes(payload, begin, length, true);
    }
    byte[] ends = new byte[2 * PART];
    payload.getBytes(begin, ends, 0, PART);
    payload.getBytes(begin + length - PART, ends, PART, PART);
    return ends;
  }

  /** What a peer sends must not look like lines of the log. */
  private static String printable(String text) {
    if (text.chars().noneMatch(LogLines::isUnprintable)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (isUnprintable(c)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                escaped.append((char) c);
              }
            });
    return escaped.toString();
  }

  private static boolean isUnprintable(int c) {
    return Character.isISOControl(c)
        || switch (Character.getType(c)) {
          case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
          default -> false;
        };
  }

  /** Returns the channel, and the identifier of the connection if a handler knows it. */
  static String name(ChannelHandlerContext ctx) {
    ConnectionIdSource source = ctx.pipeline().get(ConnectionIdSource.class);
    return source == null ? ctx.channel().toString() : ctx.channel() + " " + source.connectionId();
  }

  /** Returns how a connection ended, in a line. */
  static String of(WebSocketClosed end) {
    String statuses =
        CloseHandshake.describe(of(end.received()), of(end.sent()), end.receivedFirst());
    boolean isExplained = end.cause() == null || end.cause() instanceof ProtocolException;
    return isExplained ? statuses : statuses + "; " + of(end.cause());
  }

  private static String of(CloseStatus status) {
    return status == null ? null : Abbreviated.plain(printable(status.toString()));
  }

  /** Returns whether the peer or the network is the cause, so that a stack trace says nothing. */
  static boolean isOfPeer(Throwable cause) {
    return cause instanceof IOException
        || cause instanceof ProtocolException
        || cause instanceof HandshakeException
            && (cause.getCause() == null || cause.getCause() instanceof IOException)
        || cause instanceof DecoderException && cause.getCause() instanceof IOException;
  }

  /** Returns an exception in a line. */
  static String of(Throwable cause) {
    String type = cause.getClass().getName();
    String message = cause.getMessage();
    String line = message == null ? type : type + ": " + Abbreviated.plain(printable(message));
    boolean saysMore = cause instanceof HandshakeException && cause.getCause() != null;
    return saysMore ? line + "; " + of(cause.getCause()) : line;
  }

  /** Returns a request in a line. */
  static String of(HttpRequest request) {
    String target = Abbreviated.plain(printable(ShownUri.ofTarget(request.uri())));
    return request.method()
        + " "
        + target
        + " "
        + request.protocolVersion()
        + of(request.headers());
  }

  /** Returns a response in a line. */
  static String of(HttpResponse response) {
    String status = Abbreviated.plain(printable(response.status().toString()));
    return response.protocolVersion() + " " + status + of(response.headers());
  }

  private static String of(HttpHeaders headers) {
    StringBuilder line = new StringBuilder();
    for (Map.Entry<String, String> header : headers) {
      line.append(", ")
          .append(Abbreviated.plain(printable(header.getKey())))
          .append(": ")
          .append(shown(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
    }
    return line.toString();
  }

  private static String shown(String name, String value) {
    if (SECRETS.contains(name)) {
      return "(not shown)";
    }
    boolean isUri = URIS.contains(name) || value.contains("//");
    return Abbreviated.plain(printable(isUri ? ShownUri.of(value) : value));
  }
}
