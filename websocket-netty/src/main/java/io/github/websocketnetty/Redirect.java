package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.HostName;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ShownUri;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;

/**
 * Where a server sent a client, if it may go there.
 *
 * @param options how to connect to the new place
 * @param permanent whether to go there at once the next time
 */
record Redirect(ClientHandshakeOptions options, boolean permanent) {
  private static final Set<Integer> STATUSES = Set.of(300, 301, 302, 303, 307, 308);
  private static final Set<Integer> PERMANENT = Set.of(301, 308);

  /** Headers that are meant for one origin only. */
  private static final List<CharSequence> OF_ONE_ORIGIN =
      List.of(
          HttpHeaderNames.AUTHORIZATION,
          HttpHeaderNames.COOKIE,
          HttpHeaderNames.HOST,
          HttpHeaderNames.PROXY_AUTHORIZATION);

  /**
   * Reads a response.
   *
   * @param answer what the server said instead of 101
   * @param current how the client connected
   * @param fixedAddress what the client was told to connect to, whatever the URI says; or null
   * @return where to go, or null if it is no redirect
   * @throws HandshakeException if following would be unsafe, or the place is no WebSocket's
   */
  static Redirect of(
      InvalidStatusException answer, ClientHandshakeOptions current, String fixedAddress) {
    int status = answer.response().status().code();
    String location = location(answer.response().headers());
    if (!STATUSES.contains(status) || location == null) {
      return null;
    }
    WebSocketUri from = current.uri();
    URI target = withZone(from, target(from, location));
    WebSocketUri to = parse(target, location);
    ClientHandshakeOptions.Builder next = current.toBuilder(target);
    if (from.secure() && !to.secure()) {
      throw unsafe("cannot follow redirect to non-secure URI " + to);
    }
    if (isSameOrigin(from, to)) {
      if (from.authorization() != null && to.authorization() == null) {
        next.removeHeader(HttpHeaderNames.AUTHORIZATION);
        next.header(HttpHeaderNames.AUTHORIZATION, from.authorization());
      }
    } else if (fixedAddress != null) {
      throw unsafe("cannot follow cross-origin redirect to " + to + " with " + fixedAddress);
    } else {
      OF_ONE_ORIGIN.forEach(next::removeHeader);
    }
    return new Redirect(next.build(), PERMANENT.contains(status));
  }

  /** Returns whether credentials for one are for the other. */
  static boolean isSameOrigin(WebSocketUri one, WebSocketUri other) {
    return one.secure() == other.secure()
        && one.host().equals(other.host())
        && one.port() == other.port();
  }

  /** Returns what the headers that are not empty say; null if that is nothing, or not the same. */
  private static String location(HttpHeaders headers) {
    List<String> values =
        headers.getAll(HttpHeaderNames.LOCATION).stream()
            .filter(value -> !value.isEmpty())
            .distinct()
            .toList();
    return values.size() == 1 ? values.get(0) : null;
  }

  private static URI target(WebSocketUri base, String location) {
    try {
      return UriReference.parse(location).resolve(base);
    } catch (URISyntaxException e) {
      // Not as the cause: its message has all of the text.
      throw invalid(location, new IllegalArgumentException(e.getReason()));
    }
  }

  /** Adds the zone id of an address that the server gave back without: it does not know it. */
  private static URI withZone(WebSocketUri from, URI target) {
    String address = HostName.withoutZone(from.host());
    String bracketed = '[' + address + ']';
    String host = target.getHost();
    if (address.equals(from.host()) || host == null || !host.equalsIgnoreCase(bracketed)) {
      return target;
    }
    String text = target.toString();
    int end = text.indexOf(']');
    String zone = from.host().substring(address.length() + 1);
    return URI.create(text.substring(0, end) + "%25" + zone + text.substring(end));
  }

  private static WebSocketUri parse(URI target, String location) {
    try {
      return WebSocketUri.parse(target);
    } catch (IllegalArgumentException e) {
      throw invalid(location, e);
    }
  }

  private static HandshakeException invalid(String location, Exception cause) {
    return new HandshakeException(
        Reason.INVALID_HEADER, "invalid Location header: " + ShownUri.of(location), cause);
  }

  private static HandshakeException unsafe(String problem) {
    return new HandshakeException(Reason.SECURITY, problem);
  }
}
