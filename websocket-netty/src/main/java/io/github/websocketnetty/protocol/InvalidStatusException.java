package io.github.websocketnetty.protocol;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.Objects;

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
   * Returns the server's answer with its body of at most 1 MiB. It is not pooled and need not be
   * released.
   */
  public FullHttpResponse response() {
    return response;
  }
}
