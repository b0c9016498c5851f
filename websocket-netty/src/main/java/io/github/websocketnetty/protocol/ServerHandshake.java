package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The server's rules of the opening handshake: checks a request and builds the answer. Immutable
 * and thread-safe.
 *
 * <p>A request goes through {@link #checkMessage} and then {@link #accept}; whichever fails, {@link
 * #refuse} builds the response from the exception.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2">RFC 6455, section 4.2</a>
 */
public final class ServerHandshake {
  /** What the {@code Server} header says unless told otherwise. */
  public static final String DEFAULT_SERVER = "websocket-netty";

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  /** The length of 16 bytes in Base64; the JDK's decoder would accept missing padding. */
  private static final int KEY_CHARS = 24;

  private final List<String> subprotocols;
  private final boolean requiresSubprotocol;
  private final SubprotocolSelector selector;
  private final OriginPolicy origins;
  private final List<ServerExtension> extensions;
  private final HttpHeaders additionalHeaders;
  private final String server;
  private final HttpLimits limits;

  private ServerHandshake(Builder builder) {
    subprotocols = builder.subprotocols;
    requiresSubprotocol = builder.requiresSubprotocol;
    SubprotocolSelector byLists = builder.inClientOrder ? this::selectClients : this::selectFirst;
    selector = builder.selector == null ? byLists : builder.selector;
    origins = new OriginPolicy(builder.origins, builder.originPatterns, builder.absentOrigin);
    extensions = List.copyOf(builder.extensions);
    additionalHeaders = builder.headers.copy();
    additionalHeaders.forEach(
        header -> HandshakeHeaders.checkAdditional(header.getKey(), header.getValue()));
    server = builder.server;
    if (server != null) {
      HandshakeHeaders.checkSendable(HandshakeHeaders.SERVER, server);
    }
    limits = builder.limits;
  }

  /** Chooses the subprotocol of a connection, instead of the first of the server's list. */
  @FunctionalInterface
  public interface SubprotocolSelector {
    /**
     * Chooses. Called on the event loop; must not block.
     *
     * @param request the request
     * @param offered what the client offers, in its order of preference, possibly empty
     * @return one of {@code offered}, or {@code null} to go without; another name fails the
     *     handshake with status 500
     * @throws HandshakeException to refuse the connection
     */
    String select(HttpRequest request, List<String> offered);
  }

  /**
   * A handshake that was accepted.
   *
   * @param response the 101 to be written, without content
   * @param subprotocol the subprotocol, or {@code null}
   * @param extensions the accepted extensions in the client's order
   */
  public record Acceptance(
      FullHttpResponse response, String subprotocol, List<Extension> extensions) {
    /** Checks that all but the subprotocol is there. */
    public Acceptance {
      Objects.requireNonNull(response, "response");
      Objects.requireNonNull(extensions, "extensions");
    }

    /** Leaves out the headers, which may have secrets. */
    @Override
    public String toString() {
      String status = "Acceptance[response=" + response.status();
      return status + ", subprotocol=" + subprotocol + ", extensions=" + extensions + "]";
    }
  }

  /** Returns a builder without subprotocols, extensions, or a restriction of origins. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the limits for requests. */
  public HttpLimits limits() {
    return limits;
  }

  /**
   * Checks what must be right before a request can be shown to anyone: that Netty could parse it,
   * that it is HTTP/1.0 or 1.1, within the limits, and without a body.
   *
   * @throws HandshakeException with status 400, 414, 431 or 501 if it is not
   */
  public void checkMessage(HttpRequest request) {
    Objects.requireNonNull(request, "request");
    Throwable malformed = request.decoderResult().cause();
    if (malformed instanceof TooLongHttpLineException) {
      throw HttpLimits.startLineTooLong("request line too long", malformed);
    }
    if (malformed instanceof TooLongHttpHeaderException) {
      throw new HandshakeException(Reason.SECURITY, "headers too long", malformed);
    }
    if (malformed != null) {
      throw invalidMessage(malformed);
    }
    checkRequestLine(request);
    limits.check(request);
    checkBody(request.headers());
  }

  /**
   * Checks a request, in the order of the protocol's own importance, and builds the 101.
   *
   * @param request a request that passed {@link #checkMessage}
   * @param now the time for the {@code Date} header
   * @throws HandshakeException if the connection is refused; with {@link Reason#INTERNAL} and a
   *     cause if a selector or an extension failed
   */
  public Acceptance accept(HttpRequest request, Instant now) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(now, "now");
    HttpHeaders headers = request.headers();
    checkMethodAndVersion(request);
    HandshakeHeaders.single(headers, HandshakeHeaders.HOST);
    HandshakeHeaders.checkUpgradeOffered(headers);
    String key = checkKey(headers);
    checkVersion(headers);
    origins.check(headers);
    try {
      List<Extension> accepted = negotiateExtensions(headers);
      String subprotocol = negotiateSubprotocol(request);
      return new Acceptance(response(key, accepted, subprotocol, now), subprotocol, accepted);
    } catch (HandshakeException refused) {
      throw refused;
    } catch (Throwable failed) {
      throw new HandshakeException(Reason.INTERNAL, "opening handshake failed", failed);
    }
  }

  /**
   * Builds the answer to a refused request; without the {@code Server} header.
   *
   * @param now the time for the {@code Date} header
   * @return a response that the caller writes or releases
   */
  public static FullHttpResponse refuse(HandshakeException refused, Instant now) {
    Objects.requireNonNull(refused, "refused");
    Objects.requireNonNull(now, "now");
    FullHttpResponse response = respond(refused.status().code(), refused.text(), now);
    response.headers().add(refused.headers());
    return response;
  }

  /**
   * Builds a response in plain text that closes the connection, for those who answer a request
   * themselves.
   *
   * @param status the status, 100 to 599
   * @param text the body
   * @param now the time for the {@code Date} header
   * @return a response that the caller writes or releases
   * @throws IllegalArgumentException if there is no such status
   */
  public static FullHttpResponse respond(int status, String text, Instant now) {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(now, "now");
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("invalid status " + status + ", must be 100 to 599");
    }
    ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    FullHttpResponse response = response(HttpResponseStatus.valueOf(status), body);
    response
        .headers()
        .add(HandshakeHeaders.DATE, HandshakeHeaders.date(now))
        .add(HandshakeHeaders.CONNECTION, "close")
        .add(HandshakeHeaders.CONTENT_LENGTH, Integer.toString(body.readableBytes()))
        .add(HandshakeHeaders.CONTENT_TYPE, "text/plain; charset=utf-8");
    return response;
  }

  /** Adds the {@code Server} header unless the response has one or the server wants none. */
  public void addServerHeader(FullHttpResponse response) {
    Objects.requireNonNull(response, "response");
    if (server != null && !response.headers().contains(HandshakeHeaders.SERVER)) {
      response.headers().add(HandshakeHeaders.SERVER, server);
    }
  }

  /**
   * Checks the headers of a response that somebody else built and adds those without which the
   * client could not tell its end.
   *
   * @throws IllegalArgumentException if a header has an invalid name or value
   * @throws HandshakeException with {@link Reason#INTERNAL} if it is a 101 with a content
   */
  public static void complete(FullHttpResponse response) {
    Objects.requireNonNull(response, "response");
    HttpHeaders headers = response.headers();
    headers
        .iteratorCharSequence()
        .forEachRemaining(h -> HandshakeHeaders.checkSendable(h.getKey(), h.getValue()));
    if (response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      checkWithoutContent(response);
      return;
    }
    setUnlessEqual(headers, HandshakeHeaders.CONNECTION, "close");
    if (!headers.contains(HandshakeHeaders.TRANSFER_ENCODING)) {
      String length = Integer.toString(response.content().readableBytes());
      setUnlessEqual(headers, HandshakeHeaders.CONTENT_LENGTH, length);
    }
  }

  /** What follows a 101 is read as frames (RFC 9110, section 15.2.2). */
  private static void checkWithoutContent(FullHttpResponse response) {
    if (response.content().isReadable()) {
      int bytes = response.content().readableBytes();
      throw new HandshakeException(
          Reason.INTERNAL, "a 101 has a content of " + bytes + " bytes, must have none");
    }
    if (response.headers().contains(HandshakeHeaders.TRANSFER_ENCODING)) {
      throw new HandshakeException(
          Reason.INTERNAL, "a 101 has " + HandshakeHeaders.TRANSFER_ENCODING + ", must not");
    }
  }

  /** Setting a header would move it to the end. */
  private static void setUnlessEqual(HttpHeaders headers, CharSequence name, String value) {
    if (!headers.getAll(name).equals(List.of(value))) {
      headers.set(name, value);
    }
  }

  /**
   * Finds out what a 101 says is in use, after others may have edited it: extensions and the
   * subprotocol may be taken out, chosen anew or, for compression, get other parameters.
   *
   * @param request the request that it answers
   * @param response the 101
   * @param negotiated the extensions that {@link #accept} chose, none if it was not asked
   * @throws HandshakeException with {@link Reason#INTERNAL} if the client did not offer it, or this
   *     server cannot do it
   */
  public Acceptance verify(
      HttpRequest request, FullHttpResponse response, List<Extension> negotiated) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(negotiated, "negotiated");
    EditedAnswer answer = new EditedAnswer(request.headers(), response.headers());
    return new Acceptance(
        response, answer.subprotocol(), answer.extensions(negotiated, extensions));
  }

  /** Returns the {@code Sec-WebSocket-Accept} that answers a {@code Sec-WebSocket-Key}. */
  public static String acceptKey(String key) {
    Objects.requireNonNull(key, "key");
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }

  /**
   * Returns the path that a request asks for: of its target in origin or absolute form, as it is
   * written, without the query.
   *
   * @param target what stands in the request line
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-3.2">RFC 9112, section 3.2</a>
   */
  public static String pathOf(String target) {
    Objects.requireNonNull(target, "target");
    int end = target.indexOf('?');
    String path = end < 0 ? target : target.substring(0, end);
    int scheme = path.startsWith("/") ? -1 : path.indexOf("://");
    if (scheme < 0) {
      return path;
    }
    int slash = path.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : path.substring(slash);
  }

  private static HandshakeException invalidMessage(Throwable cause) {
    return new HandshakeException(
        Reason.INVALID_MESSAGE, "did not receive a valid HTTP request", cause);
  }

  private static HandshakeException invalidMessage(String problem) {
    return invalidMessage(new HandshakeException(Reason.INVALID_MESSAGE, problem));
  }

  private static void checkRequestLine(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      throw invalidMessage("unsupported protocol; expected HTTP/1.1 or HTTP/1.0: " + version);
    }
    String line = request.method().name() + request.uri();
    if (line.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw invalidMessage(
          "invalid HTTP request line: "
              + request.method()
              + " "
              + ShownUri.ofTarget(request.uri()));
    }
  }

  private static void checkBody(HttpHeaders headers) {
    if (headers.contains(HandshakeHeaders.TRANSFER_ENCODING)) {
      throw new HandshakeException(
          Reason.INVALID_MESSAGE,
          "transfer codings aren't supported",
          HttpResponseStatus.NOT_IMPLEMENTED,
          EmptyHttpHeaders.INSTANCE,
          null);
    }
    for (String length : headers.getAll(HandshakeHeaders.CONTENT_LENGTH)) {
      if (!length.matches("0+")) {
        throw invalidMessage("unsupported request body of " + length + " bytes");
      }
    }
  }

  private static void checkMethodAndVersion(HttpRequest request) {
    if (!request.method().equals(HttpMethod.GET)) {
      throw HandshakeException.answered(
          Reason.INVALID_METHOD,
          "unsupported HTTP method: " + request.method(),
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          HandshakeHeaders.ALLOW,
          "GET");
    }
    if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      throw new HandshakeException(
          Reason.INVALID_PROTOCOL, "unsupported HTTP version: " + request.protocolVersion());
    }
  }

  private static String checkKey(HttpHeaders headers) {
    String key = HandshakeHeaders.singleValue(headers, HandshakeHeaders.KEY);
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException e) {
      throw HandshakeException.invalid(HandshakeHeaders.KEY, key + "; Only base64 data is allowed");
    }
    if (bytes.length != KEY_BYTES || key.length() != KEY_CHARS) {
      throw HandshakeException.invalid(HandshakeHeaders.KEY, key);
    }
    return key;
  }

  /** RFC 6455, section 4.4: whoever speaks another version is told which one we speak. */
  private static void checkVersion(HttpHeaders headers) {
    String version;
    try {
      version = HandshakeHeaders.singleValue(headers, HandshakeHeaders.VERSION);
    } catch (HandshakeException e) {
      throw HandshakeException.answered(
          e.reason(),
          e.getMessage(),
          e.status(),
          HandshakeHeaders.VERSION,
          HandshakeHeaders.VERSION_13);
    }
    if (!HandshakeHeaders.VERSION_13.contentEquals(version)) {
      HttpHeaders answer =
          new DefaultHttpHeaders()
              .add(HandshakeHeaders.UPGRADE, HandshakeHeaders.WEBSOCKET)
              .add(HandshakeHeaders.VERSION, HandshakeHeaders.VERSION_13);
      throw new HandshakeException(
          Reason.INVALID_HEADER,
          "invalid " + HandshakeHeaders.VERSION + " header: " + version,
          HttpResponseStatus.UPGRADE_REQUIRED,
          answer,
          null);
    }
  }

  private List<Extension> negotiateExtensions(HttpHeaders headers) {
    if (extensions.isEmpty()) {
      return List.of();
    }
    List<Extension> accepted = new ArrayList<>();
    int claimed = 0;
    for (Extension offer :
        HeaderTokens.extensions(
            HandshakeHeaders.EXTENSIONS, headers.getAll(HandshakeHeaders.EXTENSIONS))) {
      if (offer.isNamedIn(accepted)) {
        continue; // an alternative to what was accepted
      }
      for (ServerExtension extension : extensions) {
        boolean fits = extension.name().equals(offer.name()) && (extension.rsv() & claimed) == 0;
        Extension answer = fits ? answer(extension, offer, List.copyOf(accepted)) : null;
        if (answer != null) {
          accepted.add(answer);
          claimed |= extension.rsv();
          break;
        }
      }
    }
    return List.copyOf(accepted);
  }

  private static Extension answer(
      ServerExtension extension, Extension offer, List<Extension> accepted) {
    Extension answer;
    try {
      answer = extension.accept(offer, accepted);
    } catch (HandshakeException e) {
      if (e.reason() != Reason.NEGOTIATION) {
        throw e;
      }
      return null;
    }
    if (answer != null && !answer.name().equals(offer.name())) {
      throw new IllegalStateException(
          "extension " + offer.name() + " answered as another one: " + answer);
    }
    return answer;
  }

  private String negotiateSubprotocol(HttpRequest request) {
    List<String> values = request.headers().getAll(HandshakeHeaders.PROTOCOL);
    List<String> offered = List.copyOf(HeaderTokens.tokens(HandshakeHeaders.PROTOCOL, values));
    String selected = selector.select(request, offered);
    if (selected != null && !offered.contains(selected)) {
      throw new IllegalStateException(
          "selected subprotocol " + selected + " is none of those offered: " + offered);
    }
    return selected;
  }

  private String selectFirst(HttpRequest request, List<String> offered) {
    return firstInBoth(subprotocols, offered, offered);
  }

  private String selectClients(HttpRequest request, List<String> offered) {
    return firstInBoth(offered, subprotocols, offered);
  }

  private String firstInBoth(List<String> preferred, List<String> others, List<String> offered) {
    for (String subprotocol : preferred) {
      if (others.contains(subprotocol)) {
        return subprotocol;
      }
    }
    if (subprotocols.isEmpty() || !requiresSubprotocol) {
      return null;
    }
    if (offered.isEmpty()) {
      throw new HandshakeException(Reason.NEGOTIATION, "missing subprotocol");
    }
    throw new HandshakeException(
        Reason.NEGOTIATION,
        "invalid subprotocol; expected one of " + String.join(", ", subprotocols));
  }

  private FullHttpResponse response(
      String key, List<Extension> accepted, String subprotocol, Instant now) {
    FullHttpResponse response =
        response(HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    HttpHeaders headers = response.headers();
    headers
        .add(HandshakeHeaders.DATE, HandshakeHeaders.date(now))
        .add(HandshakeHeaders.UPGRADE, HandshakeHeaders.WEBSOCKET)
        .add(HandshakeHeaders.CONNECTION, "Upgrade")
        .add(HandshakeHeaders.ACCEPT, acceptKey(key));
    if (!accepted.isEmpty()) {
      headers.add(HandshakeHeaders.EXTENSIONS, Extension.join(accepted));
    }
    if (subprotocol != null) {
      headers.add(HandshakeHeaders.PROTOCOL, subprotocol);
    }
    headers.add(additionalHeaders);
    return response;
  }

  private static FullHttpResponse response(HttpResponseStatus status, ByteBuf body) {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
  }

  /** Collects the rules of a server; {@link #build} checks them. Not thread-safe. */
  public static final class Builder {
    private final Set<String> origins = new HashSet<>();
    private final Set<Pattern> originPatterns = new LinkedHashSet<>();
    private final List<ServerExtension> extensions = new ArrayList<>();
    private final HttpHeaders headers = new DefaultHttpHeaders();
    private boolean absentOrigin;
    private List<String> subprotocols = List.of();
    private boolean requiresSubprotocol = true;
    private boolean inClientOrder;
    private SubprotocolSelector selector;
    private String server = DEFAULT_SERVER;
    private HttpLimits limits = HttpLimits.DEFAULT;

    private Builder() {}

    private Builder(Builder other) {
      origins.addAll(other.origins);
      originPatterns.addAll(other.originPatterns);
      extensions.addAll(other.extensions);
      headers.add(other.headers);
      absentOrigin = other.absentOrigin;
      subprotocols = other.subprotocols;
      requiresSubprotocol = other.requiresSubprotocol;
      inClientOrder = other.inClientOrder;
      selector = other.selector;
      server = other.server;
      limits = other.limits;
    }

    /** Returns a builder with the same rules, independent of this one. */
    public Builder copy() {
      return new Builder(this);
    }

    /** Sets the subprotocols of this server, the preferred one first; a client must offer one. */
    public Builder subprotocols(List<String> names) {
      subprotocols =
          HandshakeHeaders.checkSubprotocols(Objects.requireNonNull(names, "subprotocols"));
      return this;
    }

    /**
     * Sets whether a client that offers none of {@link #subprotocols} is refused, as it is unless
     * set, or goes without a subprotocol. A selector decides for itself.
     */
    public Builder requireSubprotocol(boolean required) {
      requiresSubprotocol = required;
      return this;
    }

    /**
     * Sets whose order decides between several subprotocols that both sides have: the client's, or,
     * unless set, the server's. A selector decides for itself.
     */
    public Builder subprotocolsInClientOrder(boolean clients) {
      inClientOrder = clients;
      return this;
    }

    /** Sets who chooses the subprotocol; {@code null} for the first of {@link #subprotocols}. */
    public Builder subprotocolSelector(SubprotocolSelector chooser) {
      selector = chooser;
      return this;
    }

    /**
     * Allows an origin, compared exactly, and no other but those allowed too. Browsers send hosts
     * in ASCII, so a host outside ASCII becomes IDNA.
     *
     * @throws IllegalArgumentException if it has a host outside ASCII that is invalid
     */
    public Builder origin(String origin) {
      Objects.requireNonNull(origin, "origin");
      origins.add(OriginPolicy.ascii(origin));
      return this;
    }

    /** Allows the origins that an expression matches as a whole. */
    public Builder origin(Pattern pattern) {
      Objects.requireNonNull(pattern, "origin");
      originPatterns.add(pattern);
      return this;
    }

    /** Allows requests without an origin, and no others but those with an allowed origin. */
    public Builder absentOrigin() {
      absentOrigin = true;
      return this;
    }

    /** Adds an extension, tried after those added before. */
    public Builder extension(ServerExtension extension) {
      Objects.requireNonNull(extension, "extension");
      extensions.add(extension);
      return this;
    }

    /** Sets the extensions, in their order, instead of those given before. */
    public Builder extensions(List<ServerExtension> all) {
      Objects.requireNonNull(all, "extensions");
      extensions.clear();
      extensions.addAll(all);
      return this;
    }

    /** Adds a header to every 101. */
    public Builder header(CharSequence name, CharSequence value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      HandshakeHeaders.checkAdditional(name, value);
      headers.add(name, value);
      return this;
    }

    /** Sets the {@code Server} header; {@code null} removes it. */
    public Builder server(String product) {
      if (product != null) {
        HandshakeHeaders.checkSendable(HandshakeHeaders.SERVER, product);
      }
      server = product;
      return this;
    }

    /** Sets the limits for requests. */
    public Builder limits(HttpLimits value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /**
     * Checks everything and builds.
     *
     * @throws IllegalArgumentException if a subprotocol, a header or the server is invalid
     */
    public ServerHandshake build() {
      return new ServerHandshake(this);
    }
  }
}
