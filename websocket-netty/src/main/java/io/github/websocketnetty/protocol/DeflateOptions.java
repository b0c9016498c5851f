package io.github.websocketnetty.protocol;

import java.util.Objects;
import java.util.zip.Deflater;

/**
 * How one end of a connection wants permessage-deflate: what it negotiates, and how it compresses.
 * Immutable and thread-safe.
 *
 * <p>With context takeover, the default both ways, a message may refer to the ones before it, so
 * that small messages of the same kind shrink most; but each connection has a context for each
 * direction in which compressed messages went. A live context is a compressor of up to 240 KiB or a
 * decompressor of 40 KiB. An event loop keeps some {@linkplain Builder#liveContexts live}, those
 * that were used last. The others are parked: what is left of them is a history on the heap, 32 KiB
 * at most of what was received and, unless {@linkplain Builder#parkedHistory chosen} otherwise, 8
 * KiB of what was sent. Without context takeover the connections of an event loop share compressors
 * and decompressors, and hold nothing.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a>
 */
public final class DeflateOptions {
  /** The default of {@link Builder#threshold}: smaller messages gain too little. */
  public static final int DEFAULT_THRESHOLD = 256;

  /** The default of {@link Builder#liveContexts}. */
  public static final int DEFAULT_LIVE_CONTEXTS = 32;

  /** The default of {@link Builder#parkedHistory}. */
  public static final int DEFAULT_PARKED_HISTORY = 8 << 10;

  private static final DeflateOptions DEFAULTS = builder().build();

  private final boolean serverContextTakeover;
  private final boolean clientContextTakeover;
  private final int peerWindowBits;
  private final int windowBits;
  private final int level;
  private final int threshold;
  private final int liveContexts;
  private final int parkedHistory;

  private DeflateOptions(Builder builder) {
    serverContextTakeover = builder.serverContextTakeover;
    clientContextTakeover = builder.clientContextTakeover;
    peerWindowBits = builder.peerWindowBits;
    windowBits = builder.windowBits;
    level = builder.level;
    threshold = builder.threshold;
    liveContexts = builder.liveContexts;
    parkedHistory = builder.parkedHistory;
  }

  static void checkWindow(String name, int bits) {
    check(name, bits, DeflateParameters.SMALLEST_WINDOW_BITS, maxBits());
  }

  static void checkLevel(int level) {
    check("level", level, Deflater.DEFAULT_COMPRESSION, Deflater.BEST_COMPRESSION);
  }

  static void checkThreshold(int bytes) {
    check("threshold", bytes, 0, Integer.MAX_VALUE);
  }

  static void checkContexts(int contexts) {
    check("liveContexts", contexts, 0, Integer.MAX_VALUE);
  }

  static void checkHistory(int bytes) {
    check("parkedHistory", bytes, 0, DeflateHistory.LARGEST);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be " + least + " to " + most);
    }
  }

  private static int maxBits() {
    return DeflateParameters.LARGEST_WINDOW_BITS;
  }

  /** Returns the documented defaults. */
  public static DeflateOptions defaults() {
    return DEFAULTS;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns whether messages of the server may refer to earlier ones. */
  public boolean serverContextTakeover() {
    return serverContextTakeover;
  }

  /** Returns whether messages of the client may refer to earlier ones. */
  public boolean clientContextTakeover() {
    return clientContextTakeover;
  }

  /** Returns the window that the peer is asked for, as a base-2 logarithm; 15 if it is not. */
  public int peerWindowBits() {
    return peerWindowBits;
  }

  /** Returns our own window at most, as a base-2 logarithm. */
  public int windowBits() {
    return windowBits;
  }

  /** Returns the level of compression, {@link Deflater#DEFAULT_COMPRESSION} for zlib's own. */
  public int level() {
    return level;
  }

  /** Returns the payload bytes below which a whole message goes uncompressed. */
  public int threshold() {
    return threshold;
  }

  /** Returns how many contexts of each direction an event loop keeps live. */
  public int liveContexts() {
    return liveContexts;
  }

  /** Returns the bytes sent that a parked context remembers. */
  public int parkedHistory() {
    return parkedHistory;
  }

  /** Returns the server's part of the negotiation. */
  public ServerExtension serverExtension() {
    return new DeflateServerExtension(this);
  }

  /** Returns the client's part of the negotiation. */
  public ClientExtension clientExtension() {
    return new DeflateClientExtension(this);
  }

  /**
   * Returns what an agreement means to this end of the connection.
   *
   * @param side the role of this end
   * @param answer the server's answer, which the negotiation accepted
   * @throws HandshakeException if it is no answer of permessage-deflate
   */
  public DeflateAgreement agreement(Side side, Extension answer) {
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(answer, "answer");
    DeflateParameters agreed = DeflateParameters.ofAnswer(answer);
    boolean server = !agreed.serverNoContextTakeover() && serverContextTakeover;
    // A client that asked to do without does so, whether the server takes note or not; but what it
    // will do the server knows from the answer only.
    boolean client = !agreed.clientNoContextTakeover();
    boolean isServer = side == Side.SERVER;
    int peerBits = isServer ? agreed.clientMaxWindowBits() : agreed.serverMaxWindowBits();
    int ownBits = isServer ? agreed.serverMaxWindowBits() : agreed.clientMaxWindowBits();
    return new DeflateAgreement(
        isServer ? client : !agreed.serverNoContextTakeover(),
        isServer ? server : client && clientContextTakeover,
        level,
        threshold,
        peerBits == DeflateParameters.ABSENT ? maxBits() : peerBits,
        ownBits == DeflateParameters.ABSENT ? windowBits : Math.min(ownBits, windowBits),
        liveContexts,
        parkedHistory);
  }

  /** Collects options, which are checked where they are given. Not thread-safe. */
  public static final class Builder {
    private boolean serverContextTakeover = true;
    private boolean clientContextTakeover = true;
    private int peerWindowBits = maxBits();
    private int windowBits = maxBits();
    private int level = Deflater.DEFAULT_COMPRESSION;
    private int threshold = DEFAULT_THRESHOLD;
    private int liveContexts = DEFAULT_LIVE_CONTEXTS;
    private int parkedHistory = DEFAULT_PARKED_HISTORY;

    private Builder() {}

    /**
     * Sets whether messages of the server may refer to earlier ones; by default true. A client that
     * sets false demands it: a server that does not agree compresses nothing.
     */
    public Builder serverContextTakeover(boolean takeover) {
      serverContextTakeover = takeover;
      return this;
    }

    /** Sets whether messages of the client may refer to earlier ones; by default true. */
    public Builder clientContextTakeover(boolean takeover) {
      clientContextTakeover = takeover;
      return this;
    }

    /**
     * Asks the peer to compress with a window of at most {@code 2^bits} bytes, which saves memory
     * at the peer's end, and at ours where contexts are parked. A server can ask a client that
     * offers it; a client demands it of a server, which may have no other choice than to go without
     * compression. Some cannot do 8: zlib's smallest is 9.
     *
     * @param bits 8 to 15, which is the default and asks for nothing
     */
    public Builder peerWindowBits(int bits) {
      checkWindow("peerWindowBits", bits);
      peerWindowBits = bits;
      return this;
    }

    /**
     * Compresses with a window of at most {@code 2^bits} bytes, and tells the peer, which then
     * needs less memory to decompress. A peer that asks for a smaller one gets it whatever is set
     * here, 8 included.
     *
     * <p>The JDK has one window only, of 32 KiB. A smaller one is kept to by starting anew with the
     * last half of it as soon as it is used up, so that messages refer back between half a window
     * and all of it. This does not save memory at this end. Messages come out larger and take
     * longer, the more the smaller the window is; and half a window takes the place of {@link
     * #parkedHistory}.
     *
     * @param bits 8 to 15, the default
     */
    public Builder windowBits(int bits) {
      checkWindow("windowBits", bits);
      windowBits = bits;
      return this;
    }

    /**
     * Sets the level of compression.
     *
     * @param value 0 to 9, or {@link Deflater#DEFAULT_COMPRESSION}, the default
     */
    public Builder level(int value) {
      checkLevel(value);
      level = value;
      return this;
    }

    /**
     * Sets the size below which a whole message goes uncompressed unless it was asked for. Messages
     * in fragments are always compressed, since their size is not known.
     *
     * @param bytes by default {@link #DEFAULT_THRESHOLD}; 0 compresses even empty messages
     */
    public Builder threshold(int bytes) {
      checkThreshold(bytes);
      threshold = bytes;
      return this;
    }

    /**
     * Sets how many contexts of each direction an event loop keeps live for all its connections
     * with context takeover; a context is used for a message, and then takes the place of the one
     * that was used longest ago. A parked context costs the next message more time, the more the
     * longer its history; so the number should be that of the connections that talk all the time.
     * With several servers or clients on one event loop, that of the connection counts which has
     * just used one.
     *
     * @param contexts by default {@link #DEFAULT_LIVE_CONTEXTS}, up to 9 MiB; with 0 each message
     *     parks
     */
    public Builder liveContexts(int contexts) {
      checkContexts(contexts);
      liveContexts = contexts;
      return this;
    }

    /**
     * Sets how many of the bytes sent on a connection with context takeover are remembered while
     * its context is parked; of a connection that sends larger messages, as many as the largest has
     * had. The first message afterwards refers to no others, so it may come out larger than it
     * would have; but to remember more costs memory for each connection, and about 1.5 µs for each
     * KiB when such a message is sent. What was received must be remembered as far as the peer may
     * refer to it: 32 KiB, or the {@linkplain #peerWindowBits window} that was agreed on.
     *
     * @param bytes 0 to 32 768, by default {@link #DEFAULT_PARKED_HISTORY}
     */
    public Builder parkedHistory(int bytes) {
      checkHistory(bytes);
      parkedHistory = bytes;
      return this;
    }

    /** Returns the options. */
    public DeflateOptions build() {
      return new DeflateOptions(this);
    }
  }
}
