package io.github.websocketnetty;

/**
 * A received data frame, or a part of a large one, linked to the one behind it.
 *
 * <p>The frames of a whole message form a chain that ends with the final one.
 */
final class Frame {
  /** Null for a continuation. */
  final MessageType type;

  final boolean fin;
  final byte[] payload;

  /** Whoever owns the chain may touch it: the queue, then the one who took the frames. */
  Frame next;

  Frame(MessageType type, boolean fin, byte[] payload) {
    this.type = type;
    this.fin = fin;
    this.payload = payload;
  }

  /** Returns the payloads of this frame and those behind it in one array. */
  byte[] join() {
    if (next == null) {
      return payload; // nobody else has it
    }
    int length = 0;
    for (Frame frame = this; frame != null; frame = frame.next) {
      length = Math.addExact(length, frame.payload.length);
    }
    byte[] joined = new byte[length];
    int end = 0;
    for (Frame frame = this; frame != null; frame = frame.next) {
      System.arraycopy(frame.payload, 0, joined, end, frame.payload.length);
      end += frame.payload.length;
    }
    return joined;
  }
}
