package io.github.websocketnetty.handler;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import java.util.Objects;

/**
 * User event: the opening handshake succeeded. Fired once, after the WebSocket handlers were
 * installed and before the first frame; handlers may send frames when they see it.
 *
 * @param request the request, without content
 * @param response the response, without content
 * @param subprotocol the subprotocol that both sides agreed to, or {@code null}
 * @param extensions the extensions that both sides agreed to, as they stand in the header
 */
public record HandshakeCompleted(
    HttpRequest request, HttpResponse response, String subprotocol, List<String> extensions) {
  /** Copies the extensions. */
  public HandshakeCompleted {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(response, "response");
    extensions = List.copyOf(Objects.requireNonNull(extensions, "extensions"));
  }

  /** Leaves out what may be secret in the headers. */
  @Override
  public String toString() {
    return "HandshakeCompleted[request="
        + LogLines.of(request)
        + ", response="
        + LogLines.of(response)
        + ", subprotocol="
        + subprotocol
        + ", extensions="
        + extensions
        + "]";
  }
}
