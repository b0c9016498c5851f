package io.github.websocketnetty.protocol;

/**
 * How much a peer may make us hold: bytes of a message, bytes of a frame, frames of a message.
 * Immutable.
 *
 * <p>Control frames obey none of these, only the 125 bytes of the protocol.
 *
 * @param maxMessageSize the payload bytes of a message at most, over all its fragments; {@link
 *     #UNLIMITED} for no limit
 * @param maxFragmentSize the payload bytes of a single data frame at most; {@link #UNLIMITED} for
 *     no limit of its own
 * @param maxFragments the number of frames of a message at most; {@link Integer#MAX_VALUE} for no
 *     limit
 */
public record FrameLimits(long maxMessageSize, long maxFragmentSize, int maxFragments) {
  /** No limit, except that a frame must fit into a buffer. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The default of {@link #maxMessageSize}: 1 MiB. */
  public static final long DEFAULT_MAX_MESSAGE_SIZE = 1 << 20;

  /** The default of {@link #maxFragments}: enough for 1 MiB in pieces of 64 bytes. */
  public static final int DEFAULT_MAX_FRAGMENTS = 1 << 14;

  /** A byte takes nine bits at most, in a block that was not chosen well. */
  private static final int GROWTH_PART = 8;

  /** The headers and the end of its blocks, and of the one that flushes. */
  private static final int GROWTH_PER_FRAME = 16;

  /** Messages of up to 1 MiB in up to 16 384 frames. */
  public static final FrameLimits DEFAULT =
      new FrameLimits(DEFAULT_MAX_MESSAGE_SIZE, UNLIMITED, DEFAULT_MAX_FRAGMENTS);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if a size is negative or the number of fragments is not
   *     positive
   */
  public FrameLimits {
    if (maxMessageSize < 0) {
      throw new IllegalArgumentException("maxMessageSize is " + maxMessageSize + ", must be >= 0");
    }
    if (maxFragmentSize < 0) {
      throw new IllegalArgumentException(
          "maxFragmentSize is " + maxFragmentSize + ", must be >= 0");
    }
    if (maxFragments < 1) {
      throw new IllegalArgumentException("maxFragments is " + maxFragments + ", must be >= 1");
    }
  }

  /**
   * Returns limits for the wire where messages may be compressed: what cannot be compressed grows,
   * by an eighth at worst and a few bytes for each frame.
   */
  public FrameLimits deflated() {
    return new FrameLimits(
        grown(maxMessageSize, maxFragments), grown(maxFragmentSize, 1), maxFragments);
  }

  private static long grown(long size, int frames) {
    long more = size / GROWTH_PART + (long) frames * GROWTH_PER_FRAME;
    return size > UNLIMITED - more ? UNLIMITED : size + more;
  }
}
