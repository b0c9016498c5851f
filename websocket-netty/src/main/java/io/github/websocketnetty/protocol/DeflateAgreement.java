package io.github.websocketnetty.protocol;

import java.util.zip.Deflater;

/**
 * What one end of a connection does with permessage-deflate once it is negotiated.
 *
 * @param inflatesWithContext whether the peer's messages may refer to earlier ones
 * @param deflatesWithContext whether our messages refer to earlier ones
 * @param level the level of compression, {@link Deflater#DEFAULT_COMPRESSION} for zlib's own
 * @param threshold the payload bytes below which a whole message of ours goes uncompressed
 */
public record DeflateAgreement(
    boolean inflatesWithContext, boolean deflatesWithContext, int level, int threshold) {}
