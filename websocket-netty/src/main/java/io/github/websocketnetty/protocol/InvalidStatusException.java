package io.github.websocketnetty.protocol;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The server answered the opening handshake with another status than 101. */
public final class InvalidStatusException extends HandshakeException {
  private static final long serialVersionUID = 1L;

  private final transient FullHttpResponse response;

  /**
   * Creates an exception.
   *
   * @param response what the server answered, in a buffer that needs no release
   */
  public InvalidStatusException(FullHttpResponse response) {
    super(
        Reason.INVALID_STATUS,
        "server rejected WebSocket connection: HTTP "
            + Objects.requireNonNull(response, "response").status().code());
    this.response = response;
  }

  /**
   * Creates an exception whose message names the server.
   *
   * @param uri what was asked for
   * @param response what the server answered, in a buffer that needs no release
   */
  public InvalidStatusException(WebSocketUri uri, FullHttpResponse response) {
    super(
        Reason.INVALID_STATUS,
        "server rejected WebSocket connection: HTTP "
            + Objects.requireNonNull(response, "response").status().code()
            + phrase(response.status())
            + " at "
            + Objects.requireNonNull(uri, "uri")
            + location(response));
    this.response = response;
  }

  /** It is the server's, so it may be long and have any character. */
  private static String phrase(HttpResponseStatus status) {
    String phrase = status.reasonPhrase().replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return phrase.isEmpty() ? "" : " " + Abbreviated.plain(phrase);
  }

  /** Says where a redirect would have led that was not followed. */
  private static String location(FullHttpResponse response) {
    if (response.status().codeClass() != HttpStatusClass.REDIRECTION) {
      return "";
    }
    List<String> locations = response.headers().getAll(HttpHeaderNames.LOCATION);
    return locations.isEmpty()
        ? ", without Location"
        : locations.stream()
            .map(location -> Abbreviated.text(ShownUri.of(location)))
            .collect(Collectors.joining(" and ", ", Location: ", ""));
  }

  /**
   * Returns the server's answer with its body of at most 1 MiB. It is not pooled and need not be
   * released.
   */
  public FullHttpResponse response() {
    return response;
  }
}
