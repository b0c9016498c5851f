package io.github.websocketnetty.protocol;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The compressors and decompressors of this thread, and room to work with them. They hold memory
 * outside the heap, which is freed when the thread ends.
 */
final class ZlibPool {
  private static final int WORK_BYTES = 16 << 10;
  private static final int LEVELS = Deflater.BEST_COMPRESSION - Deflater.DEFAULT_COMPRESSION + 1;

  private static final FastThreadLocal<ZlibPool> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected ZlibPool initialValue() {
          return new ZlibPool();
        }

        @Override
        protected void onRemoval(ZlibPool pool) {
          pool.end();
        }
      };

  private final ByteBuffer input = ByteBuffer.allocateDirect(WORK_BYTES);
  private final byte[] output = new byte[WORK_BYTES];
  private final ZlibShelf<Inflater> inflaters =
      new ZlibShelf<>(() -> new Inflater(true), Inflater::reset, Inflater::end);

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ZlibShelf<Deflater>[] deflaters = new ZlibShelf[LEVELS];

  /** Null until a dictionary is needed. */
  private byte[] dictionary;

  private ZlibPool() {}

  static ZlibPool ofThread() {
    return OF_THREAD.get();
  }

  /** Returns an empty direct buffer for bytes that go into zlib. Good until the next call. */
  ByteBuffer input() {
    return input.clear();
  }

  /**
   * Returns room for bytes that come out of zlib. Good until the next call. An array, because Netty
   * makes an object whenever a buffer is filled from one of NIO's.
   */
  byte[] output() {
    return output;
  }

  /** Returns a history in one piece. Good until the next call. */
  byte[] dictionary(DeflateHistory history) {
    history.copyTo(dictionary());
    return dictionary;
  }

  /** Returns room for a dictionary. Good until the next call. */
  byte[] dictionary() {
    if (dictionary == null) {
      dictionary = new byte[DeflateHistory.LARGEST];
    }
    return dictionary;
  }

  ZlibShelf<Inflater> inflaters() {
    return inflaters;
  }

  ZlibShelf<Deflater> deflaters(int level) {
    int index = level - Deflater.DEFAULT_COMPRESSION;
    ZlibShelf<Deflater> shelf = deflaters[index];
    if (shelf == null) {
      shelf = new ZlibShelf<>(() -> new Deflater(level, true), Deflater::reset, Deflater::end);
      deflaters[index] = shelf;
    }
    return shelf;
  }

  private void end() {
    inflaters.end();
    for (ZlibShelf<Deflater> shelf : deflaters) {
      if (shelf != null) {
        shelf.end();
      }
    }
  }
}
