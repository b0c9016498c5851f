package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.HttpLimits;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** How a client opens connections to one URI. Immutable and thread-safe. */
public final class ClientHandshakeOptions {
  /** How long the handshake may take unless told otherwise: 10 seconds. */
  public static final Duration DEFAULT_OPEN_TIMEOUT = Duration.ofSeconds(10);

  private final Duration openTimeout;
  private final boolean nettyEvents;
  private final Compression compression;
  private final KnownExtensions known;
  private final ClientHandshake handshake;
  private final Builder values;

  private ClientHandshakeOptions(Builder builder) {
    List<ClientExtension> extensions = new ArrayList<>(builder.extensions);
    compression =
        Compression.unless(
            builder.compression, extensions.stream().map(extension -> extension.offer().name()));
    if (compression.options() != null) {
      extensions.add(compression.options().clientExtension());
    }
    builder.handshake.extensions(extensions);
    known = new KnownExtensions(builder.known);
    openTimeout = builder.openTimeout;
    nettyEvents = builder.nettyEvents;
    HttpLimits limits =
        new HttpLimits(builder.maxStatusLine, builder.maxHeaderLine, builder.maxHeaders);
    handshake = builder.handshake.limits(limits).build();
    values = builder;
  }

  /**
   * Returns options for connections to {@code uri}, with defaults for everything else.
   *
   * @throws IllegalArgumentException if it is not the URI of a WebSocket
   */
  public static ClientHandshakeOptions forUri(URI uri) {
    return builder(uri).build();
  }

  /** Returns a builder for connections to {@code uri} with all defaults. */
  public static Builder builder(URI uri) {
    return new Builder(uri);
  }

  /** Returns a builder with these options, independent of them. */
  public Builder toBuilder() {
    return toBuilder(values.uri);
  }

  /** Returns a builder for connections to another URI with these options, independent of them. */
  public Builder toBuilder(URI uri) {
    return new Builder(values, uri);
  }

  /** Returns where the connection goes. */
  public WebSocketUri uri() {
    return handshake.uri();
  }

  /** Returns the values of a header that was added to the request, empty if it was not. */
  public List<String> headers(CharSequence name) {
    return handshake.headers(name);
  }

  /** Returns how long the handshake may take; zero for no limit. */
  public Duration openTimeout() {
    return openTimeout;
  }

  /** Returns whether Netty's events are fired beside ours. */
  public boolean nettyEvents() {
    return nettyEvents;
  }

  /**
   * Checks that TLS is set up exactly if the URI asks for it.
   *
   * @param tls whether the caller will use TLS
   * @throws IllegalArgumentException if it is not
   */
  public void checkTls(boolean tls) {
    if (tls && !uri().secure()) {
      throw new IllegalArgumentException("an SslContext is incompatible with a ws:// URI");
    }
    if (!tls && uri().secure()) {
      throw new IllegalArgumentException("no SslContext is incompatible with a wss:// URI");
    }
  }

  /**
   * Returns a codec that refuses what is longer than these options allow while it arrives; one is
   * needed per connection.
   *
   * <p>It bounds the header section as a whole at eight of the longest lines.
   */
  public HttpClientCodec newHttpClientCodec() {
    HttpLimits limits = handshake.limits();
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxInitialLineLength())
            .setMaxHeaderSize(limits.maxHeaderSize());
    return new HttpClientCodec(config, false, false);
  }

  ClientHandshake handshake() {
    return handshake;
  }

  /** Returns whether compression is negotiated. */
  boolean compresses() {
    return compression.options() != null;
  }

  /** Returns what is to be installed for the extensions that the response lists. */
  AgreedExtensions agreed(List<Extension> accepted) {
    return known.agreed(Side.CLIENT, accepted, compression);
  }

  /** Collects options; {@link #build} checks them. Not thread-safe. */
  public static final class Builder {
    private final URI uri;
    private final ClientHandshake.Builder handshake;
    private final List<ClientExtension> extensions = new ArrayList<>();
    private final KnownExtensions known;
    private DeflateOptions compression = DeflateOptions.defaults();
    private Duration openTimeout = DEFAULT_OPEN_TIMEOUT;
    private boolean nettyEvents;
    private int maxStatusLine = HttpLimits.DEFAULT.maxStartLine();
    private int maxHeaderLine = HttpLimits.DEFAULT.maxHeaderLine();
    private int maxHeaders = HttpLimits.DEFAULT.maxHeaders();

    private Builder(URI uri) {
      this.uri = Objects.requireNonNull(uri, "uri");
      handshake = ClientHandshake.builder(uri);
      known = new KnownExtensions();
    }

    private Builder(Builder other, URI uri) {
      this.uri = Objects.requireNonNull(uri, "uri");
      handshake = other.handshake.copy(uri);
      openTimeout = other.openTimeout;
      nettyEvents = other.nettyEvents;
      maxStatusLine = other.maxStatusLine;
      maxHeaderLine = other.maxHeaderLine;
      maxHeaders = other.maxHeaders;
      extensions.addAll(other.extensions);
      known = new KnownExtensions(other.known);
      compression = other.compression;
    }

    /**
     * Sets how long the handshake may take, from the connection's start until the response was
     * verified; 10 seconds unless set, {@link Duration#ZERO} for no limit.
     */
    public Builder openTimeout(Duration value) {
      openTimeout = Timeouts.checked("openTimeout", value);
      return this;
    }

    /** Sets the subprotocols to offer, the preferred one first. */
    public Builder subprotocols(List<String> names) {
      handshake.subprotocols(names);
      return this;
    }

    /**
     * Sets whether the handshake fails where the server chooses none of {@link #subprotocols};
     * unless set, the connection then goes without a subprotocol. A server that chooses one that
     * was not offered is always refused (RFC 6455, section 4.1).
     */
    public Builder requireSubprotocol(boolean required) {
      handshake.requireSubprotocol(required);
      return this;
    }

    /**
     * Chooses whether the events of Netty's own handshake handler are fired beside ours, so that
     * handlers that were written for it need no change. They are of the type {@link
     * io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent}:
     * {@code HANDSHAKE_ISSUED} when the request was sent, {@code HANDSHAKE_COMPLETE} behind {@link
     * HandshakeCompleted}, {@code HANDSHAKE_TIMEOUT} when the open timeout expires, before the
     * channel is closed.
     *
     * @param fire by default false
     */
    public Builder nettyEvents(boolean fire) {
      nettyEvents = fire;
      return this;
    }

    /**
     * Sets how messages are compressed if the server accepts permessage-deflate; {@code null} to
     * offer nothing. By default {@link DeflateOptions#defaults}, unless {@link #extension} was
     * given an extension of that name.
     */
    public Builder compression(DeflateOptions value) {
      compression = value;
      return this;
    }

    /**
     * Adds an extension to offer, after those added before; compression comes last. This is for
     * extensions that change no frames; others need {@link #extension(ClientExtension,
     * ExtensionHandlerFactory)}.
     *
     * @throws IllegalArgumentException if the extension claims reserved bits
     */
    public Builder extension(ClientExtension extension) {
      Objects.requireNonNull(extension, "extension");
      KnownExtensions.checkWithoutHandlers(name(extension), extension.rsv());
      extensions.add(extension);
      return this;
    }

    /**
     * Adds an extension to offer, after those added before; compression comes last. Connections
     * that have negotiated it get its handlers, in front of those that close, keep alive and
     * receive.
     *
     * @param extension negotiates; several may have the same name, if they claim the same reserved
     *     bits and have the same {@code handlers}
     * @param handlers makes a handler for each connection
     * @throws IllegalArgumentException if the reserved bits are not between 0 and 7, or an
     *     extension of that name was added with other bits or other handlers
     */
    public Builder extension(ClientExtension extension, ExtensionHandlerFactory handlers) {
      Objects.requireNonNull(extension, "extension");
      Objects.requireNonNull(handlers, "handlers");
      known.add(name(extension), extension.rsv(), handlers);
      extensions.add(extension);
      return this;
    }

    private static String name(ClientExtension extension) {
      return Objects.requireNonNull(extension.offer(), "offer of the extension").name();
    }

    /** Sets the {@code Origin} header; {@code null}, the default, omits it. */
    public Builder origin(String value) {
      handshake.origin(value);
      return this;
    }

    /**
     * Adds a header to the request. {@code Host}, {@code Authorization}, {@code Origin} and {@code
     * User-Agent} replace what would be sent otherwise.
     */
    public Builder header(CharSequence name, CharSequence value) {
      handshake.header(name, value);
      return this;
    }

    /** Removes the headers of a name that were added. */
    public Builder removeHeader(CharSequence name) {
      handshake.removeHeader(name);
      return this;
    }

    /** Sets the {@code User-Agent} header; {@code null} removes it. */
    public Builder userAgentHeader(String product) {
      handshake.userAgent(product);
      return this;
    }

    /** Sets the longest status line, CRLF included; 8192 bytes unless set. */
    public Builder maxStatusLine(int bytes) {
      maxStatusLine = Timeouts.atLeast(HttpLimits.MIN_START_LINE, "maxStatusLine", bytes);
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

    /**
     * Checks everything and builds.
     *
     * @throws IllegalArgumentException if the URI or an option is invalid
     */
    public ClientHandshakeOptions build() {
      return new ClientHandshakeOptions(new Builder(this, uri));
    }
  }
}
