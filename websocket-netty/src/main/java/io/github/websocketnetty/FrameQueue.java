package io.github.websocketnetty;

/** The received frames in order, with their sums. Guarded by the lock of {@link ReceiveQueue}. */
final class FrameQueue {
  /** Stands for an empty one until a frame is added, which must not happen to this. */
  static final FrameQueue NONE = new FrameQueue();

  private Frame first;
  private Frame last;
  private int size;
  private int finals;
  private long bytes;

  int size() {
    return size;
  }

  /** Returns the payload bytes. */
  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return first == null;
  }

  /** Returns whether the message at the front is whole. */
  boolean hasMessage() {
    return finals > 0;
  }

  void add(Frame frame) {
    if (first == null) {
      first = frame;
    } else {
      last.next = frame;
    }
    last = frame;
    size++;
    finals += frame.fin ? 1 : 0;
    bytes += frame.payload.length;
  }

  /** Takes the message at the front, of which there must be one. */
  Frame takeMessage() {
    Frame message = first;
    Frame end = first;
    while (!end.fin) {
      end = end.next;
      forget(end.payload.length);
    }
    finals--;
    forget(message.payload.length);
    cutBehind(end);
    return message;
  }

  /** Takes the frame at the front, of which there must be one. */
  Frame takeFrame() {
    Frame frame = first;
    finals -= frame.fin ? 1 : 0;
    forget(frame.payload.length);
    cutBehind(frame);
    return frame;
  }

  /**
   * Drops the rest of the message at the front.
   *
   * @return whether its final frame was there
   */
  boolean dropMessage() {
    if (hasMessage()) {
      takeMessage();
      return true;
    }
    clear();
    return false;
  }

  void clear() {
    if (isEmpty()) {
      return;
    }
    first = null;
    last = null;
    size = 0;
    finals = 0;
    bytes = 0;
  }

  private void forget(int length) {
    size--;
    bytes -= length;
  }

  private void cutBehind(Frame end) {
    first = end.next;
    end.next = null; // a kept frame must not keep all that came later
    if (first == null) {
      last = null;
    }
  }
}
