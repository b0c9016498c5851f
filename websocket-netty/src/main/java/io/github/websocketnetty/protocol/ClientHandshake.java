package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.EOFException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The client's rules of the opening handshake: builds the request and verifies the response.
 * Immutable and thread-safe; the key, which is new for every connection, is passed in.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, section 4.1</a>
 */
public final class ClientHandshake {
  private static final int RSV_BITS = 3;

  /** What the {@code User-Agent} header says unless told otherwise. */
  public static final String DEFAULT_USER_AGENT = "websocket-netty";

  private static final int KEY_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final WebSocketUri uri;
  private final List<String> subprotocols;
  private final boolean requiresSubprotocol;
  private final List<ClientExtension> extensions;
  private final String origin;
  private final HttpHeaders additionalHeaders;
  private final String userAgent;
  private final HttpLimits limits;

  private ClientHandshake(Builder builder) {
    uri = WebSocketUri.parse(builder.uri);
    subprotocols = builder.subprotocols;
    requiresSubprotocol = builder.requiresSubprotocol;
    extensions = List.copyOf(builder.extensions);
    origin = builder.origin == null ? null : OriginPolicy.ascii(builder.origin);
    if (origin != null) {
      HandshakeHeaders.checkSendable(HandshakeHeaders.ORIGIN, origin);
    }
    additionalHeaders = builder.headers.copy();
    additionalHeaders.forEach(
        header -> HandshakeHeaders.checkAdditional(header.getKey(), header.getValue()));
    userAgent = builder.userAgent;
    if (userAgent != null) {
      HandshakeHeaders.checkSendable(HandshakeHeaders.USER_AGENT, userAgent);
    }
    limits = builder.limits;
  }

  /**
   * What the server agreed to.
   *
   * @param subprotocol the subprotocol, or {@code null}
   * @param extensions the extensions in the server's order
   */
  public record Agreement(String subprotocol, List<Extension> extensions) {
    /** Checks that the list is there. */
    public Agreement {
      Objects.requireNonNull(extensions, "extensions");
    }
  }

  /** Returns a builder for connections to {@code uri}, without subprotocols and extensions. */
  public static Builder builder(URI uri) {
    Objects.requireNonNull(uri, "uri");
    return new Builder(uri);
  }

  /** Returns a new value for {@code Sec-WebSocket-Key}: 16 random bytes in Base64. */
  public static String newKey() {
    byte[] bytes = new byte[KEY_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Returns where the connection goes. */
  public WebSocketUri uri() {
    return uri;
  }

  /** Returns the values of a header that was added, empty if it was not. */
  public List<String> headers(CharSequence name) {
    return additionalHeaders.getAll(Objects.requireNonNull(name, "name"));
  }

  /** Returns the limits for responses. */
  public HttpLimits limits() {
    return limits;
  }

  /**
   * Builds the request.
   *
   * @param key from {@link #newKey}
   * @return a request without content, owned by the caller
   */
  public FullHttpRequest request(String key) {
    Objects.requireNonNull(key, "key");
    HttpHeaders headers = new DefaultHttpHeaders();
    addUnlessOverridden(headers, HandshakeHeaders.HOST, uri.hostHeader());
    addUnlessOverridden(headers, HandshakeHeaders.AUTHORIZATION, uri.authorization());
    addUnlessOverridden(headers, HandshakeHeaders.ORIGIN, origin);
    headers
        .add(HandshakeHeaders.UPGRADE, HandshakeHeaders.WEBSOCKET)
        .add(HandshakeHeaders.CONNECTION, "Upgrade")
        .add(HandshakeHeaders.KEY, key)
        .add(HandshakeHeaders.VERSION, HandshakeHeaders.VERSION_13);
    if (!extensions.isEmpty()) {
      List<Extension> offers = extensions.stream().map(ClientExtension::offer).toList();
      headers.add(HandshakeHeaders.EXTENSIONS, Extension.join(offers));
    }
    if (!subprotocols.isEmpty()) {
      headers.add(HandshakeHeaders.PROTOCOL, String.join(", ", subprotocols));
    }
    for (var header : additionalHeaders) {
      if (!headers.contains(header.getKey())) {
        headers.add(header.getKey(), additionalHeaders.getAll(header.getKey()));
      }
    }
    addUnlessOverridden(headers, HandshakeHeaders.USER_AGENT, userAgent);
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.GET,
        uri.resource(),
        Unpooled.EMPTY_BUFFER,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /**
   * Checks that a response, interim or final, could be parsed and is within the limits.
   *
   * @throws HandshakeException with {@link Reason#SECURITY} if the status line is too long, else
   *     with {@link Reason#INVALID_MESSAGE} and a cause
   */
  public void checkMessage(HttpResponse response) {
    Objects.requireNonNull(response, "response");
    Throwable malformed = response.decoderResult().cause();
    if (malformed instanceof TooLongHttpLineException) {
      throw HttpLimits.startLineTooLong("status line too long", malformed);
    }
    if (malformed instanceof PrematureChannelClosureException) {
      throw invalidMessage(new EOFException("connection closed while reading HTTP headers"));
    }
    if (malformed != null) {
      throw invalidMessage(malformed);
    }
    int status = response.status().code();
    if (!response.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      throw invalidMessage(
          "unsupported protocol; expected HTTP/1.1: " + response.protocolVersion());
    }
    if (status < 100 || status > 599) {
      throw invalidMessage("invalid HTTP status code; expected 100-599: " + status);
    }
    checkLimits(response);
  }

  private void checkLimits(HttpResponse response) {
    try {
      limits.check(response);
    } catch (HandshakeException e) {
      throw e.status().equals(HttpResponseStatus.REQUEST_URI_TOO_LONG) ? e : invalidMessage(e);
    }
  }

  /** Returns the exception for a response that is not valid HTTP, or ended too early. */
  public static HandshakeException invalidMessage(WebSocketUri uri, Throwable cause) {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(cause, "cause");
    return new HandshakeException(
        Reason.INVALID_MESSAGE, "did not receive a valid HTTP response from " + uri, cause);
  }

  private HandshakeException invalidMessage(Throwable cause) {
    return invalidMessage(uri, cause);
  }

  private HandshakeException invalidMessage(String problem) {
    return invalidMessage(new HandshakeException(Reason.INVALID_MESSAGE, problem));
  }

  /**
   * Verifies a 101.
   *
   * @param response a response that passed {@link #checkMessage}
   * @param key the key of the request
   * @throws HandshakeException if the server agreed to something else than was asked for
   */
  public Agreement verify(HttpResponse response, String key) {
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(key, "key");
    HttpHeaders headers = response.headers();
    HandshakeHeaders.checkUpgradeGranted(headers);
    String accept = HandshakeHeaders.singleValue(headers, HandshakeHeaders.ACCEPT);
    if (!accept.equals(ServerHandshake.acceptKey(key))) {
      throw HandshakeException.invalid(HandshakeHeaders.ACCEPT, accept);
    }
    List<Extension> accepted = verifyExtensions(headers);
    return new Agreement(verifySubprotocol(headers), accepted);
  }

  private List<Extension> verifyExtensions(HttpHeaders headers) {
    List<Extension> answers =
        HeaderTokens.extensions(
            HandshakeHeaders.EXTENSIONS, headers.getAll(HandshakeHeaders.EXTENSIONS));
    if (extensions.isEmpty() && !answers.isEmpty()) {
      throw new HandshakeException(Reason.NEGOTIATION, "no extensions supported");
    }
    List<Extension> accepted = new ArrayList<>();
    String[] claimedBy = new String[RSV_BITS];
    for (Extension answer : answers) {
      ClientExtension found = null;
      for (ClientExtension each : extensions) {
        if (matches(each, answer, List.copyOf(accepted))) {
          found = each;
          break;
        }
      }
      if (found == null || answer.isNamedIn(accepted)) {
        throw new HandshakeException(
            Reason.NEGOTIATION,
            "Unsupported extension: name = " + answer.name() + ", params = " + answer.parameters());
      }
      claim(found.rsv(), answer.name(), claimedBy);
      accepted.add(answer);
    }
    return List.copyOf(accepted);
  }

  /** Takes note of the reserved bits that an extension uses; RSV1 is the bit of value 4. */
  private static void claim(int rsv, String name, String[] claimedBy) {
    for (int bit = 0; bit < RSV_BITS; bit++) {
      if ((rsv >> bit & 1) != 0 && claimedBy[bit] != null) {
        throw new HandshakeException(
            Reason.NEGOTIATION,
            "server accepted extensions "
                + claimedBy[bit]
                + " and "
                + name
                + ", which both use RSV"
                + (RSV_BITS - bit));
      }
      claimedBy[bit] = (rsv >> bit & 1) != 0 ? name : claimedBy[bit];
    }
  }

  private static boolean matches(
      ClientExtension extension, Extension answer, List<Extension> accepted) {
    try {
      return extension.offer().name().equals(answer.name()) && extension.accept(answer, accepted);
    } catch (HandshakeException e) {
      return false;
    }
  }

  private String verifySubprotocol(HttpHeaders headers) {
    List<String> answers =
        HeaderTokens.tokens(HandshakeHeaders.PROTOCOL, headers.getAll(HandshakeHeaders.PROTOCOL));
    if (answers.isEmpty()) {
      if (requiresSubprotocol && !subprotocols.isEmpty()) {
        throw new HandshakeException(
            Reason.NEGOTIATION,
            "server chose no subprotocol of " + String.join(", ", subprotocols));
      }
      return null;
    }
    if (subprotocols.isEmpty()) {
      throw new HandshakeException(Reason.NEGOTIATION, "no subprotocols supported");
    }
    if (answers.size() > 1) {
      throw HandshakeException.invalid(
          HandshakeHeaders.PROTOCOL, "multiple values: " + String.join(", ", answers));
    }
    if (!subprotocols.contains(answers.get(0))) {
      throw new HandshakeException(
          Reason.NEGOTIATION, "unsupported subprotocol: " + answers.get(0));
    }
    return answers.get(0);
  }

  private void addUnlessOverridden(HttpHeaders headers, CharSequence name, String value) {
    List<String> override = additionalHeaders.getAll(name);
    if (!override.isEmpty()) {
      headers.set(name, override);
    } else if (value != null) {
      HandshakeHeaders.checkAdditional(name, value);
      headers.add(name, value);
    }
  }

  /** Collects what a client asks for; {@link #build} checks it. Not thread-safe. */
  public static final class Builder {
    private final URI uri;
    private final List<ClientExtension> extensions = new ArrayList<>();
    private final HttpHeaders headers = new DefaultHttpHeaders();
    private List<String> subprotocols = List.of();
    private boolean requiresSubprotocol;
    private String origin;
    private String userAgent = DEFAULT_USER_AGENT;
    private HttpLimits limits = HttpLimits.DEFAULT;

    private Builder(URI uri) {
      this.uri = uri;
    }

    /** Returns a builder for connections to another URI that asks for the same. */
    public Builder copy(URI other) {
      Objects.requireNonNull(other, "copy");
      Builder copy = new Builder(other);
      copy.extensions.addAll(extensions);
      copy.headers.add(headers);
      copy.subprotocols = subprotocols;
      copy.requiresSubprotocol = requiresSubprotocol;
      copy.origin = origin;
      copy.userAgent = userAgent;
      copy.limits = limits;
      return copy;
    }

    /** Removes the headers of a name that were added. */
    public Builder removeHeader(CharSequence name) {
      Objects.requireNonNull(name, "removeHeader");
      headers.remove(name);
      return this;
    }

    /**
     * Sets the subprotocols to offer, the preferred one first; none omits the header.
     *
     * @throws IllegalArgumentException if one is no token, or is there twice (RFC 6455, section
     *     4.1)
     */
    public Builder subprotocols(List<String> names) {
      List<String> checked =
          HandshakeHeaders.checkSubprotocols(Objects.requireNonNull(names, "subprotocols"));
      if (Set.copyOf(checked).size() < checked.size()) {
        throw new IllegalArgumentException("a subprotocol is there twice: " + checked);
      }
      subprotocols = checked;
      return this;
    }

    /**
     * Sets whether a server must choose one of {@link #subprotocols}; unless set, it need not (RFC
     * 6455, section 4.2.2).
     */
    public Builder requireSubprotocol(boolean required) {
      requiresSubprotocol = required;
      return this;
    }

    /** Adds an extension to offer, after those added before. */
    public Builder extension(ClientExtension extension) {
      Objects.requireNonNull(extension, "extension");
      extensions.add(extension);
      return this;
    }

    /** Sets the extensions, in their order, instead of those given before. */
    public Builder extensions(List<ClientExtension> all) {
      Objects.requireNonNull(all, "extensions");
      extensions.clear();
      extensions.addAll(all);
      return this;
    }

    /** Sets the {@code Origin} header; {@code null}, the default, omits it. */
    public Builder origin(String value) {
      if (value != null) {
        HandshakeHeaders.checkSendable(HandshakeHeaders.ORIGIN, value);
      }
      origin = value;
      return this;
    }

    /**
     * Adds a header to the request. {@code Host}, {@code Authorization}, {@code Origin} and {@code
     * User-Agent} replace what would be sent otherwise.
     */
    public Builder header(CharSequence name, CharSequence value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      HandshakeHeaders.checkAdditional(name, value);
      headers.add(name, value);
      return this;
    }

    /** Sets the {@code User-Agent} header; {@code null} removes it. */
    public Builder userAgent(String product) {
      if (product != null) {
        HandshakeHeaders.checkSendable(HandshakeHeaders.USER_AGENT, product);
      }
      userAgent = product;
      return this;
    }

    /** Sets the limits for responses. */
    public Builder limits(HttpLimits value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /**
     * Checks everything and builds.
     *
     * @throws IllegalArgumentException if the URI, a subprotocol or a header is invalid
     */
    public ClientHandshake build() {
      return new ClientHandshake(this);
    }
  }
}
