package io.github.websocketnetty.protocol;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The compressors and decompressors that nobody on this thread uses at the moment, and room to work
 * with them. They hold memory outside the heap, which is freed when the thread ends.
 */
final class ZlibPool {
  /** One is enough unless messages in fragments keep some for a while. */
  private static final int MOST_IDLE = 4;

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
  private final ArrayDeque<Inflater> inflaters = new ArrayDeque<>(MOST_IDLE);

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<Deflater>[] deflaters = new ArrayDeque[LEVELS];

  private ZlibPool() {
    for (int i = 0; i < LEVELS; i++) {
      deflaters[i] = new ArrayDeque<>(MOST_IDLE);
    }
  }

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

  /** Returns a decompressor at its start, to be {@linkplain #release given back} or ended. */
  Inflater inflater() {
    Inflater idle = inflaters.poll();
    return idle == null ? new Inflater(true) : idle;
  }

  /** Returns a compressor at its start, to be {@linkplain #release given back} or ended. */
  Deflater deflater(int level) {
    Deflater idle = deflaters[index(level)].poll();
    return idle == null ? new Deflater(level, true) : idle;
  }

  void release(Inflater inflater) {
    if (inflaters.size() >= MOST_IDLE) {
      inflater.end();
      return;
    }
    inflater.reset();
    inflaters.push(inflater);
  }

  void release(Deflater deflater, int level) {
    ArrayDeque<Deflater> idle = deflaters[index(level)];
    if (idle.size() >= MOST_IDLE) {
      deflater.end();
      return;
    }
    deflater.reset();
    idle.push(deflater);
  }

  private static int index(int level) {
    return level - Deflater.DEFAULT_COMPRESSION;
  }

  private void end() {
    inflaters.forEach(Inflater::end);
    inflaters.clear();
    for (ArrayDeque<Deflater> idle : deflaters) {
      idle.forEach(Deflater::end);
      idle.clear();
    }
  }
}
