package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseStatus;
import java.time.Duration;

/**
 * How connections are closed; one instance for all connections of a pipeline's description.
 *
 * @param closeTimeoutNanos how long closing may take, 0 for any time
 * @param handleCloseFrames whether the peer's close frames are answered, and not passed on
 * @param sendCloseFrame what is sent when the channel is closed; null for nothing
 */
record ClosingOptions(
    long closeTimeoutNanos, boolean handleCloseFrames, CloseStatus sendCloseFrame) {
  /** Returns the defaults, but for the time. */
  static ClosingOptions of(Duration closeTimeout) {
    return new ClosingOptions(
        Timeouts.nanos("closeTimeout", closeTimeout), true, CloseStatus.NORMAL);
  }
}
