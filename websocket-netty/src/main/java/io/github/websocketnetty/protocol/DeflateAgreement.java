package io.github.websocketnetty.protocol;

import java.util.zip.Deflater;

/**
 * What one end of a connection does with permessage-deflate once it is negotiated.
 *
 * @param inflatesWithContext whether the peer's messages may refer to earlier ones
 * @param deflatesWithContext whether our messages refer to earlier ones
 * @param level the level of compression, {@link Deflater#DEFAULT_COMPRESSION} for zlib's own
 * @param threshold the payload bytes below which a whole message of ours goes uncompressed
 * @param peerWindowBits the base-2 logarithm of the bytes that the peer's messages may refer back,
 *     8 to 15
 * @param windowBits the base-2 logarithm of the bytes that our messages may refer back, 8 to 15
 * @param liveContexts see {@link DeflateOptions.Builder#liveContexts}
 * @param parkedHistory see {@link DeflateOptions.Builder#parkedHistory}
 */
public record DeflateAgreement(
    boolean inflatesWithContext,
    boolean deflatesWithContext,
    int level,
    int threshold,
    int peerWindowBits,
    int windowBits,
    int liveContexts,
    int parkedHistory) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of the range that {@link DeflateOptions.Builder}
   *     has for it
   */
  public DeflateAgreement {
    DeflateOptions.checkLevel(level);
    DeflateOptions.checkThreshold(threshold);
    DeflateOptions.checkWindow("peerWindowBits", peerWindowBits);
    DeflateOptions.checkWindow("windowBits", windowBits);
    DeflateOptions.checkContexts(liveContexts);
    DeflateOptions.checkHistory(parkedHistory);
  }

  /** Agrees on the largest windows, and keeps as many contexts as {@link DeflateOptions} does. */
  public DeflateAgreement(
      boolean inflatesWithContext, boolean deflatesWithContext, int level, int threshold) {
    this(
        inflatesWithContext,
        deflatesWithContext,
        level,
        threshold,
        DeflateParameters.LARGEST_WINDOW_BITS,
        DeflateParameters.LARGEST_WINDOW_BITS,
        DeflateOptions.DEFAULT_LIVE_CONTEXTS,
        DeflateOptions.DEFAULT_PARKED_HISTORY);
  }

  /** Agrees on the largest window for our messages. */
  public DeflateAgreement(
      boolean inflatesWithContext,
      boolean deflatesWithContext,
      int level,
      int threshold,
      int peerWindowBits,
      int liveContexts,
      int parkedHistory) {
    this(
        inflatesWithContext,
        deflatesWithContext,
        level,
        threshold,
        peerWindowBits,
        DeflateParameters.LARGEST_WINDOW_BITS,
        liveContexts,
        parkedHistory);
  }
}
