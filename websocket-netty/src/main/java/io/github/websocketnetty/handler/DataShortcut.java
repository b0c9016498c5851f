package io.github.websocketnetty.handler;

import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * The way of data frames from the codec past those handlers of ours that only take note of them: a
 * call each, instead of a walk through the pipeline. Event loop only.
 *
 * <p>It ends when one of the handlers leaves the pipeline, who then takes it away from the codec.
 */
final class DataShortcut {
  private final WebSocketCloseHandler closing;
  private final WebSocketKeepaliveHandler keepalive;
  private final WebSocketMessageAggregator aggregator; // null if there is none

  /** Lets data frames of {@code codec} go the short way; the handlers must be in its pipeline. */
  DataShortcut(
      WebSocketFrameCodec codec,
      WebSocketCloseHandler closing,
      WebSocketKeepaliveHandler keepalive,
      WebSocketMessageAggregator aggregator) {
    this.closing = closing;
    this.keepalive = keepalive;
    this.aggregator = aggregator;
    closing.shortcutFrom(codec);
    keepalive.shortcutFrom(codec);
    if (aggregator != null) {
      aggregator.shortcutFrom(codec);
    }
    codec.shortcut(this);
  }

  /** Returns whether data frames end at an aggregator. */
  boolean aggregates() {
    return aggregator != null;
  }

  /** Tells the handlers that a data frame comes; returns whether it may pass. */
  boolean admits() {
    if (!closing.admitsData()) {
      return false;
    }
    keepalive.dataComes();
    return true;
  }

  /** Returns whether data that is written may pass. */
  boolean admitsWrites() {
    return closing.admitsWrites();
  }

  /** Hands an admitted frame to the handler behind. */
  void fire(WebSocketFrame frame) {
    if (aggregator != null) {
      aggregator.receive(frame);
    } else {
      keepalive.fire(frame);
    }
  }
}
