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
 * @param maxFragments the number of frames of a message at most; {@link #FRAGMENTS_BY_SIZE} for a
 *     number that grows with the message, {@link Integer#MAX_VALUE} for no limit
 */
public record FrameLimits(long maxMessageSize, long maxFragmentSize, int maxFragments) {
  /** No limit, except that a frame must fit into a buffer. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The default of {@link #maxMessageSize}: 1 MiB. */
  public static final long DEFAULT_MAX_MESSAGE_SIZE = 1 << 20;

  /**
   * The default of {@link #maxFragments}: a message may have {@value #FREE_FRAGMENTS} frames, and
   * one more for each {@value #BYTES_PER_FRAGMENT} payload bytes that were received of it. So
   * fragments of that size or more never reach the limit, and empty ones do, whatever the size of a
   * message may be.
   *
   * <p>A fragment that an extension transformed, such as a compressed one, may be smaller on the
   * wire. There the message may have one more frame for each {@value #BYTES_PER_TRANSFORMED}
   * payload bytes, but no more than the largest message may have.
   */
  public static final int FRAGMENTS_BY_SIZE = -1;

  /** The fragments that cost a message nothing: many programs send small ones now and then. */
  private static final int FREE_FRAGMENTS = 1 << 14;

  /** What a fragment costs us besides its payload, in memory where it waits: objects, headers. */
  private static final int BYTES_PER_FRAGMENT = 64;

  /** A fragment that ends with a flush has seven bytes at least. */
  private static final int BYTES_PER_TRANSFORMED = 4;

  /** A byte takes nine bits at most, in a block that was not chosen well. */
  private static final int GROWTH_PART = 8;

  /** The headers and the end of its blocks, and of the one that flushes. */
  private static final int GROWTH_PER_FRAME = 16;

  /** Messages of up to 1 MiB, with fragments in proportion. */
  public static final FrameLimits DEFAULT =
      new FrameLimits(DEFAULT_MAX_MESSAGE_SIZE, UNLIMITED, FRAGMENTS_BY_SIZE);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if a size is negative, or the number of fragments neither
   *     positive nor {@link #FRAGMENTS_BY_SIZE}
   */
  public FrameLimits {
    if (maxMessageSize < 0) {
      throw new IllegalArgumentException("maxMessageSize is " + maxMessageSize + ", must be >= 0");
    }
    if (maxFragmentSize < 0) {
      throw new IllegalArgumentException(
          "maxFragmentSize is " + maxFragmentSize + ", must be >= 0");
    }
    if (maxFragments < 1 && maxFragments != FRAGMENTS_BY_SIZE) {
      throw new IllegalArgumentException("maxFragments is " + maxFragments + ", must be >= 1");
    }
  }

  /**
   * Returns how many frames a message may have.
   *
   * @param size the payload bytes of the message so far
   * @param transformed whether an extension transformed the message
   */
  long fragments(long size, boolean transformed) {
    if (maxFragments != FRAGMENTS_BY_SIZE) {
      return maxFragments;
    }
    return transformed
        ? FREE_FRAGMENTS
            + Math.min(size / BYTES_PER_TRANSFORMED, maxMessageSize / BYTES_PER_FRAGMENT)
        : FREE_FRAGMENTS + size / BYTES_PER_FRAGMENT;
  }

  /**
   * Returns these limits with another one for messages.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public FrameLimits withMaxMessageSize(long bytes) {
    return new FrameLimits(bytes, maxFragmentSize, maxFragments);
  }

  /**
   * Returns these limits with another one for frames.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public FrameLimits withMaxFragmentSize(long bytes) {
    return new FrameLimits(maxMessageSize, bytes, maxFragments);
  }

  /**
   * Returns these limits with another number of frames.
   *
   * @throws IllegalArgumentException if it is neither positive nor {@link #FRAGMENTS_BY_SIZE}
   */
  public FrameLimits withMaxFragments(int frames) {
    return new FrameLimits(maxMessageSize, maxFragmentSize, frames);
  }

  /** Returns these limits without that of the number of frames, which was checked before. */
  public FrameLimits withAnyFragments() {
    return new FrameLimits(maxMessageSize, maxFragmentSize, Integer.MAX_VALUE);
  }

  /**
   * Returns limits for the wire where messages may be compressed: what cannot be compressed grows,
   * by an eighth at worst and a few bytes for each frame.
   */
  public FrameLimits deflated() {
    return new FrameLimits(
        grown(maxMessageSize, fragments(maxMessageSize, false)),
        grown(maxFragmentSize, 1),
        maxFragments);
  }

  private static long grown(long size, long frames) {
    if (size > UNLIMITED / 2) {
      return UNLIMITED; // and what follows could overflow
    }
    return size + size / GROWTH_PART + frames * GROWTH_PER_FRAME;
  }
}
