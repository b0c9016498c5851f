package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/** Takes a whole message, in one of the forms that the application may want. */
final class WholeMessage<T> implements Take<T> {
  static final WholeMessage<Message> BY_TYPE = new WholeMessage<>("recv", WholeMessage::message);
  static final WholeMessage<String> TEXT = new WholeMessage<>("recvText", WholeMessage::text);
  static final WholeMessage<byte[]> BYTES =
      new WholeMessage<>("recvBytes", (type, payload) -> payload);

  private final String call;
  private final BiFunction<MessageType, byte[], T> form;

  private WholeMessage(String call, BiFunction<MessageType, byte[], T> form) {
    this.call = call;
    this.form = form;
  }

  /** Returns the failure of a call that found another receive at work. */
  static ConcurrencyException busy(String call) {
    return new ConcurrencyException(
        "cannot call " + call + " while another recv or recvStreaming is running");
  }

  @Override
  public RuntimeException refusal(boolean isWaiting, boolean isStreaming) {
    return isWaiting || isStreaming ? busy(call) : null;
  }

  @Override
  public boolean isReady(FrameQueue frames) {
    return frames.hasMessage();
  }

  @Override
  public Frame from(FrameQueue frames) {
    return frames.takeMessage();
  }

  /** Drops the beginning of a message that will not go on. */
  @Override
  public void ended(FrameQueue frames, ConnectionClosedException failure) {
    frames.clear();
  }

  @Override
  public T decode(Frame taken) {
    return form.apply(taken.type, taken.join());
  }

  /** Makes the result of a message that arrived whole, as {@link #decode(Frame)} does. */
  T decode(MessageType type, byte[] payload) {
    return form.apply(type, payload);
  }

  static Message message(MessageType type, byte[] payload) {
    return type == MessageType.TEXT ? new TextMessage(payload) : new BinaryMessage(payload);
  }

  private static String text(MessageType type, byte[] payload) {
    if (type == MessageType.TEXT) {
      return new String(payload, StandardCharsets.UTF_8); // was checked when it arrived
    }
    try {
      return Utf8.decode(payload);
    } catch (IllegalStateException notUtf8) {
      throw (ProtocolException) notUtf8.getCause();
    }
  }
}
