package io.github.websocketnetty.protocol;

import java.util.zip.Deflater;

/**
 * How one end of a connection wants permessage-deflate: what it negotiates, and how it compresses.
 * Immutable and thread-safe.
 *
 * <p>With context takeover, the default both ways, a message may refer to the ones before it, so
 * that small messages of the same kind shrink most; but each connection that has sent a compressed
 * message holds a compressor of about 240 KiB, and each that has received one a decompressor of
 * about 40 KiB. Without it the connections of an event loop share them.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a>
 */
public final class DeflateOptions {
  /** The default of {@link Builder#threshold}: smaller messages gain too little. */
  public static final int DEFAULT_THRESHOLD = 256;

  private static final DeflateOptions DEFAULTS = builder().build();

  private final boolean serverContextTakeover;
  private final boolean clientContextTakeover;
  private final int peerWindowBits;
  private final int level;
  private final int threshold;

  private DeflateOptions(Builder builder) {
    serverContextTakeover = builder.serverContextTakeover;
    clientContextTakeover = builder.clientContextTakeover;
    peerWindowBits = builder.peerWindowBits;
    level = builder.level;
    threshold = builder.threshold;
    check("peerWindowBits", peerWindowBits, DeflateParameters.SMALLEST_WINDOW_BITS, maxBits());
    check("level", level, Deflater.DEFAULT_COMPRESSION, Deflater.BEST_COMPRESSION);
    check("threshold", threshold, 0, Integer.MAX_VALUE);
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

  /** Returns the level of compression, {@link Deflater#DEFAULT_COMPRESSION} for zlib's own. */
  public int level() {
    return level;
  }

  /** Returns the payload bytes below which a whole message goes uncompressed. */
  public int threshold() {
    return threshold;
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
    DeflateParameters agreed = DeflateParameters.ofAnswer(answer);
    boolean server = !agreed.serverNoContextTakeover() && serverContextTakeover;
    // A client that asked to do without does so, whether the server takes note or not; but what it
    // will do the server knows from the answer only.
    boolean client = !agreed.clientNoContextTakeover();
    return side == Side.SERVER
        ? new DeflateAgreement(client, server, level, threshold)
        : new DeflateAgreement(
            !agreed.serverNoContextTakeover(), client && clientContextTakeover, level, threshold);
  }

  /** Collects options; {@link #build} checks them. Not thread-safe. */
  public static final class Builder {
    private boolean serverContextTakeover = true;
    private boolean clientContextTakeover = true;
    private int peerWindowBits = maxBits();
    private int level = Deflater.DEFAULT_COMPRESSION;
    private int threshold = DEFAULT_THRESHOLD;

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
     * at the peer's end only. A server can ask a client that offers it; a client demands it. Our
     * own window is always 32 KiB, because the JDK has no other.
     *
     * @param bits 8 to 15, which is the default and asks for nothing
     */
    public Builder peerWindowBits(int bits) {
      peerWindowBits = bits;
      return this;
    }

    /**
     * Sets the level of compression.
     *
     * @param value 0 to 9, or {@link Deflater#DEFAULT_COMPRESSION}, the default
     */
    public Builder level(int value) {
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
      threshold = bytes;
      return this;
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public DeflateOptions build() {
      return new DeflateOptions(this);
    }
  }
}
