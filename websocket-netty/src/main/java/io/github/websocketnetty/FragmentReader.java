package io.github.websocketnetty;

import java.util.concurrent.CompletableFuture;

/** Receives one message in fragments out of the queue. */
final class FragmentReader implements MessageReader {
  private final ReceiveQueue queue;

  // Guarded by the queue's lock.
  private final SplitText splitText = new SplitText();
  private boolean isOver;
  private ConnectionClosedException failure;

  /** Written under the lock. */
  private volatile MessageType type;

  FragmentReader(ReceiveQueue queue) {
    this.queue = queue;
  }

  @Override
  public CompletableFuture<Fragment> next() {
    return queue.receive(new Next());
  }

  @Override
  public MessageType type() {
    MessageType known = type;
    if (known == null) {
      throw new IllegalStateException("the message has not begun");
    }
    return known;
  }

  @Override
  public void discard() {
    queue.discard(this);
  }

  /** Takes note of {@link #discard}; returns whether the message has begun. Under the lock. */
  boolean abandon() {
    isOver = true;
    return type != null;
  }

  /** One call of {@link #next}. */
  private final class Next implements Take<Fragment> {
    private SplitText.Part text;

    @Override
    public RuntimeException refusal(boolean isWaiting, boolean isStreaming) {
      if (isOver) {
        return failure != null ? failure : new IllegalStateException("the message is over");
      }
      return isWaiting
          ? new ConcurrencyException("cannot call next while another next is running")
          : null;
    }

    @Override
    public boolean isReady(FrameQueue frames) {
      return !frames.isEmpty();
    }

    @Override
    public Frame from(FrameQueue frames) {
      Frame frame = frames.takeFrame();
      if (type == null) {
        type = frame.type;
      }
      if (type == MessageType.TEXT) {
        text = splitText.next(frame.payload, frame.fin);
      }
      if (frame.fin) {
        isOver = true;
        queue.readerDone();
      }
      return frame;
    }

    @Override
    public void ended(FrameQueue frames, ConnectionClosedException closed) {
      isOver = true;
      failure = closed;
      queue.readerDone();
    }

    @Override
    public Fragment decode(Frame frame) {
      return new Fragment(frame.payload, text == null ? null : text.text(), frame.fin);
    }
  }
}
