package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.HttpLimits;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * How a server opens connections. Immutable and thread-safe; one instance serves all connections.
 */
public final class ServerHandshakeOptions {
  /** How long the handshake may take unless told otherwise: 10 seconds. */
  public static final Duration DEFAULT_OPEN_TIMEOUT = Duration.ofSeconds(10);

  private final String path;
  private final boolean isPrefix;
  private final boolean nettyEvents;
  private final boolean passOtherRequests;
  private final Duration openTimeout;
  private final RequestHook requestHook;
  private final ResponseHook responseHook;
  private final BooleanSupplier acceptingConnections;
  private final Clock clock;
  private final Compression compression;
  private final KnownExtensions known;
  private final ServerHandshake handshake;
  private final Builder values;

  private ServerHandshakeOptions(Builder builder) {
    List<ServerExtension> extensions = new ArrayList<>(builder.extensions);
    compression =
        Compression.unless(builder.compression, extensions.stream().map(ServerExtension::name));
    if (compression.options() != null) {
      extensions.add(compression.options().serverExtension());
    }
    builder.handshake.extensions(extensions);
    known = new KnownExtensions(builder.known);
    path = builder.path;
    isPrefix = builder.isPrefix;
    nettyEvents = builder.nettyEvents;
    passOtherRequests = builder.passOtherRequests;
    openTimeout = builder.openTimeout;
    requestHook = builder.requestHook;
    responseHook = builder.responseHook;
    acceptingConnections = builder.acceptingConnections;
    clock = builder.clock;
    HttpLimits limits =
        new HttpLimits(builder.maxRequestLine, builder.maxHeaderLine, builder.maxHeaders);
    handshake = builder.handshake.limits(limits).build();
    values = builder;
  }

  /** Sees a request before anything about WebSocket is checked, and may answer it. */
  @FunctionalInterface
  public interface RequestHook {
    /**
     * Looks at a request. Called on the event loop; must not block, but may complete its stage
     * later, on any thread, within the open timeout.
     *
     * <p>The headers may be changed, which influences the checks that follow. Beware of answering
     * with a status of 101: it bypasses all of them, key and origin included.
     *
     * @param request the request, without content
     * @return a stage with the answer, new for every call and taken over; a stage with {@code
     *     null}, or {@code null}, goes on with the handshake; a failure answers with status 500
     */
    CompletionStage<FullHttpResponse> process(HttpRequest request);

    /**
     * Returns a hook that asks this one and, unless it answers, {@code next}: on the thread that
     * completed the first stage.
     */
    default RequestHook andThen(RequestHook next) {
      Objects.requireNonNull(next, "next");
      return request -> {
        CompletionStage<FullHttpResponse> first = process(request);
        return first == null
            ? next.process(request)
            : first.thenCompose(answer -> answer == null ? asked(next, request) : first);
      };
    }

    private static CompletionStage<FullHttpResponse> asked(RequestHook hook, HttpRequest request) {
      CompletionStage<FullHttpResponse> answer = hook.process(request);
      return answer == null ? CompletableFuture.completedFuture(null) : answer;
    }
  }

  /** Sees the answer to a request, acceptance or refusal, before it is written. */
  @FunctionalInterface
  public interface ResponseHook {
    /**
     * Looks at a response. Called on the event loop; must not block, but may complete its stage
     * later, on any thread, within the open timeout.
     *
     * <p>The extensions and the subprotocol that a 101 lists in the end are in use. They may be
     * taken out, and chosen anew from what the client offers; compression may get other parameters.
     * A 101 that lists what the client has not offered, or what these options do not include, is
     * not sent: that is logged, and answered with status 500. So it is with a 101 that has a
     * content, or {@code Transfer-Encoding}: frames follow it.
     *
     * @param request the request, without content
     * @param response the response, whose headers may be changed; it stays owned by the handshake
     * @return a stage with a replacement, new for every call and taken over; a stage with {@code
     *     null}, or with {@code response}, or {@code null}, keeps the response; a failure answers
     *     with status 500
     */
    CompletionStage<FullHttpResponse> process(HttpRequest request, FullHttpResponse response);
  }

  /** Returns options that accept connections at one path, with defaults for everything else. */
  public static ServerHandshakeOptions forPath(String path) {
    return builder().path(Objects.requireNonNull(path, "path")).build();
  }

  /** Returns options that accept connections at every path, with defaults for everything else. */
  public static ServerHandshakeOptions anyPath() {
    return builder().build();
  }

  /** Returns a builder with all defaults: every path, no subprotocols, every origin. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a codec that refuses what is longer than these options allow while it arrives; one is
   * needed per connection.
   *
   * <p>It bounds the header section as a whole at eight of the longest lines.
   */
  public HttpServerCodec newHttpServerCodec() {
    HttpLimits limits = handshake.limits();
    return new HttpServerCodec(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxInitialLineLength())
            .setMaxHeaderSize(limits.maxHeaderSize()));
  }

  /** Returns a builder with these options, independent of them. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Returns how long the handshake may take; zero for no limit. */
  public Duration openTimeout() {
    return openTimeout;
  }

  /** Returns whether other requests pass on to the handlers behind. */
  public boolean passOtherRequests() {
    return passOtherRequests;
  }

  /** Returns whether {@code uri}, in origin or absolute form, is served; its query is ignored. */
  boolean matches(String uri) {
    if (path == null) {
      return true;
    }
    String asked = ServerHandshake.pathOf(uri);
    return isPrefix ? isBelow(asked) : path.equals(asked);
  }

  private boolean isBelow(String asked) {
    return asked.startsWith(path)
        && (asked.length() == path.length()
            || path.endsWith("/")
            || asked.charAt(path.length()) == '/');
  }

  /** Returns whether Netty's events are fired beside ours. */
  public boolean nettyEvents() {
    return nettyEvents;
  }

  /** Returns who sees requests first; never null. */
  public RequestHook requestHook() {
    return requestHook;
  }

  ResponseHook responseHook() {
    return responseHook;
  }

  /** Returns whether a 101 may be written now. */
  public boolean isAcceptingConnections() {
    return acceptingConnections.getAsBoolean();
  }

  /** Returns the clock for {@code Date} headers. */
  public Clock clock() {
    return clock;
  }

  /** Returns whether compression is negotiated. */
  boolean compresses() {
    return compression.options() != null;
  }

  /** Returns what is to be installed for the extensions that the response lists. */
  AgreedExtensions agreed(List<Extension> accepted) {
    return known.agreed(Side.SERVER, accepted, compression);
  }

  ServerHandshake handshake() {
    return handshake;
  }

  /** Collects options; {@link #build} checks them. Not thread-safe. */
  public static final class Builder {
    private final ServerHandshake.Builder handshake;
    private final List<ServerExtension> extensions;
    private final KnownExtensions known;
    private DeflateOptions compression = DeflateOptions.defaults();
    private String path;
    private boolean isPrefix;
    private boolean nettyEvents;
    private boolean passOtherRequests;
    private Duration openTimeout = DEFAULT_OPEN_TIMEOUT;
    private int maxRequestLine = HttpLimits.DEFAULT.maxStartLine();
    private int maxHeaderLine = HttpLimits.DEFAULT.maxHeaderLine();
    private int maxHeaders = HttpLimits.DEFAULT.maxHeaders();
    private RequestHook requestHook = request -> null;
    private ResponseHook responseHook = (request, response) -> null;
    private BooleanSupplier acceptingConnections = () -> true;
    private Clock clock = Clock.systemUTC();

    private Builder() {
      handshake = ServerHandshake.builder();
      extensions = new ArrayList<>();
      known = new KnownExtensions();
    }

    private Builder(Builder other) {
      handshake = other.handshake.copy();
      extensions = new ArrayList<>(other.extensions);
      known = new KnownExtensions(other.known);
      compression = other.compression;
      path = other.path;
      isPrefix = other.isPrefix;
      nettyEvents = other.nettyEvents;
      passOtherRequests = other.passOtherRequests;
      openTimeout = other.openTimeout;
      maxRequestLine = other.maxRequestLine;
      maxHeaderLine = other.maxHeaderLine;
      maxHeaders = other.maxHeaders;
      requestHook = other.requestHook;
      responseHook = other.responseHook;
      acceptingConnections = other.acceptingConnections;
      clock = other.clock;
    }

    /**
     * Sets the path of the endpoint, compared with the request's path as it is written, without
     * query; {@code null}, the default, for all paths.
     */
    public Builder path(String value) {
      path = value == null ? null : checkedPath("path", value);
      isPrefix = false;
      return this;
    }

    /**
     * Sets the path below which the endpoint is, instead of {@link #path}: {@code /game} stands for
     * itself and for all paths that begin with {@code /game/}, but not for {@code /games}; {@code
     * /game/} for the latter only. Paths are compared as they are written, without query. The
     * request in {@link HandshakeCompleted} tells the whole path.
     */
    public Builder pathPrefix(String value) {
      path = checkedPath("pathPrefix", Objects.requireNonNull(value, "pathPrefix"));
      isPrefix = true;
      return this;
    }

    private static String checkedPath(String name, String value) {
      if (!value.startsWith("/")) {
        throw new IllegalArgumentException(name + " must start with a slash: " + value);
      }
      if (value.indexOf('?') >= 0 || value.indexOf('#') >= 0) {
        throw new IllegalArgumentException(name + " must not have a query or fragment: " + value);
      }
      return value;
    }

    /**
     * Chooses whether the events of Netty's own handshake handler are fired beside ours, so that
     * handlers that were written for it need no change: behind {@link HandshakeCompleted}, {@code
     * ServerHandshakeStateEvent.HANDSHAKE_COMPLETE} and then {@code HandshakeComplete}, and {@code
     * ServerHandshakeStateEvent.HANDSHAKE_TIMEOUT} when the open timeout expires, before the
     * channel is closed. All are classes in {@link
     * io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler}.
     *
     * @param fire by default false
     */
    public Builder nettyEvents(boolean fire) {
      nettyEvents = fire;
      return this;
    }

    /**
     * Sets what happens to requests for other paths and to requests without an {@code Upgrade}
     * header: {@code true} passes them on, untouched, to the handlers behind; {@code false}, the
     * default, answers with 404 or 426.
     */
    public Builder passOtherRequests(boolean value) {
      passOtherRequests = value;
      return this;
    }

    /**
     * Sets how long the handshake may take, from the connection's start or the end of the TLS
     * handshake until the 101 is flushed; 10 seconds unless set, {@link Duration#ZERO} for no
     * limit.
     */
    public Builder openTimeout(Duration value) {
      openTimeout = Timeouts.checked("openTimeout", value);
      return this;
    }

    /**
     * Sets the subprotocols of this server, the preferred one first. A client that offers none of
     * them is then refused.
     */
    public Builder subprotocols(List<String> names) {
      handshake.subprotocols(names);
      return this;
    }

    /**
     * Sets whether a client that offers none of {@link #subprotocols} is refused with 400, as it is
     * unless set, or connected without a subprotocol. {@link HandshakeCompleted} then has none, and
     * what the messages mean is for the application to know. Does not concern a {@link
     * #subprotocolSelector}.
     */
    public Builder requireSubprotocol(boolean required) {
      handshake.requireSubprotocol(required);
      return this;
    }

    /**
     * Sets whose order decides where a client offers several of {@link #subprotocols}: its own, or,
     * unless set, that of the list here. Does not concern a {@link #subprotocolSelector}.
     */
    public Builder subprotocolsInClientOrder(boolean clients) {
      handshake.subprotocolsInClientOrder(clients);
      return this;
    }

    /** Sets who chooses the subprotocol, instead of taking the first that is offered. */
    public Builder subprotocolSelector(ServerHandshake.SubprotocolSelector selector) {
      Objects.requireNonNull(selector, "subprotocolSelector");
      handshake.subprotocolSelector(selector);
      return this;
    }

    /**
     * Allows an origin, compared exactly, and no other but those allowed too. Browsers send hosts
     * in ASCII, so a host outside ASCII becomes IDNA.
     *
     * @throws IllegalArgumentException if it has a host outside ASCII that is invalid
     */
    public Builder origin(String origin) {
      handshake.origin(origin);
      return this;
    }

    /** Allows the origins that an expression matches as a whole. */
    public Builder origin(Pattern pattern) {
      handshake.origin(pattern);
      return this;
    }

    /** Allows requests without an origin, and no others but those with an allowed origin. */
    public Builder absentOrigin() {
      handshake.absentOrigin();
      return this;
    }

    /**
     * Sets how messages are compressed with clients that offer permessage-deflate; {@code null} for
     * not at all. By default {@link DeflateOptions#defaults}, unless {@link #extension} was given
     * an extension of that name.
     */
    public Builder compression(DeflateOptions value) {
      compression = value;
      return this;
    }

    /**
     * Adds an extension, tried after those added before; compression comes last. This is for
     * extensions that change no frames; others need {@link #extension(ServerExtension,
     * ExtensionHandlerFactory)}.
     *
     * @throws IllegalArgumentException if the extension claims reserved bits
     */
    public Builder extension(ServerExtension extension) {
      Objects.requireNonNull(extension, "extension");
      KnownExtensions.checkWithoutHandlers(name(extension), extension.rsv());
      extensions.add(extension);
      return this;
    }

    /**
     * Adds an extension, tried after those added before; compression comes last. Connections that
     * have negotiated it get its handlers, in front of those that close, keep alive and receive.
     *
     * @param extension negotiates; several may have the same name, if they claim the same reserved
     *     bits and have the same {@code handlers}
     * @param handlers makes a handler for each connection
     * @throws IllegalArgumentException if the reserved bits are not between 0 and 7, or an
     *     extension of that name was added with other bits or other handlers
     */
    public Builder extension(ServerExtension extension, ExtensionHandlerFactory handlers) {
      Objects.requireNonNull(extension, "extension");
      Objects.requireNonNull(handlers, "handlers");
      known.add(name(extension), extension.rsv(), handlers);
      extensions.add(extension);
      return this;
    }

    private static String name(ServerExtension extension) {
      return KnownExtensions.checkName(extension.name());
    }

    /** Adds a header to every 101. */
    public Builder header(CharSequence name, CharSequence value) {
      handshake.header(name, value);
      return this;
    }

    /** Sets the {@code Server} header of all answers; {@code null} removes it. */
    public Builder serverHeader(String product) {
      handshake.server(product);
      return this;
    }

    /** Sets the longest request line, CRLF included; 8192 bytes unless set. */
    public Builder maxRequestLine(int bytes) {
      maxRequestLine = Timeouts.atLeast(HttpLimits.MIN_START_LINE, "maxRequestLine", bytes);
      return this;
    }

    /** Sets the longest header line, CRLF included; 8192 bytes unless set. */
    public Builder maxHeaderLine(int bytes) {
      maxHeaderLine = Timeouts.atLeast(HttpLimits.MIN_HEADER_LINE, "maxHeaderLine", bytes);
      return this;
    }

    /** Sets the largest number of headers; 128 unless set. */
    public Builder maxHeaders(int count) {
      maxHeaders = Timeouts.atLeast(1, "maxHeaders", count);
      return this;
    }

    /** Sets who sees requests first. */
    public Builder processRequest(RequestHook hook) {
      requestHook = Objects.requireNonNull(hook, "processRequest");
      return this;
    }

    /** Sets who sees responses last. */
    public Builder processResponse(ResponseHook hook) {
      responseHook = Objects.requireNonNull(hook, "processResponse");
      return this;
    }

    /**
     * Sets whom to ask, on the event loop, right before a 101 is written; while it says no, clients
     * get a 503.
     */
    public Builder acceptingConnections(BooleanSupplier value) {
      acceptingConnections = Objects.requireNonNull(value, "acceptingConnections");
      return this;
    }

    /** Sets the clock for {@code Date} headers; the system's unless set. */
    public Builder clock(Clock value) {
      clock = Objects.requireNonNull(value, "clock");
      return this;
    }

    /**
     * Checks everything and builds.
     *
     * @throws IllegalArgumentException if an option is invalid
     */
    public ServerHandshakeOptions build() {
      return new ServerHandshakeOptions(new Builder(this));
    }
  }
}
