package io.github.websocketnetty.conversation;

import io.github.websocketnetty.MessageType;
import java.util.Arrays;

/**
 * A message that the application of a party received.
 *
 * @param type null if the way of receiving did not tell
 * @param isWhole whether it was received to its end; else it was given up
 */
record Incoming(MessageType type, byte[] content, boolean isWhole) {
  boolean is(FrameTap.Heard heard) {
    if (type != null && type != heard.type()) {
      return false;
    }
    byte[] sent = heard.content();
    return isWhole
        ? Arrays.equals(sent, content)
        : content.length <= sent.length
            && Arrays.equals(Arrays.copyOf(sent, content.length), content);
  }

  @Override
  public String toString() {
    return (isWhole ? "" : "part of ") + type + " of " + content.length + " bytes";
  }
}
