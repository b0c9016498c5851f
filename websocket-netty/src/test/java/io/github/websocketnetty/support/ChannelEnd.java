package io.github.websocketnetty.support;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.channel.embedded.EmbeddedChannel;

/** The end of an embedded channel, with the question what its handlers have thrown. */
public final class ChannelEnd {
  private ChannelEnd() {}

  /**
   * Drops TCP whatever the handlers wait for, and releases what was not read.
   *
   * <p>{@link EmbeddedChannel#finish} alone leaves a channel open whose close handler waits for the
   * peer. Then it does not see what handlers throw when the connection ends.
   *
   * @throws Throwable what a handler threw and nobody handled
   */
  public static void check(EmbeddedChannel channel) {
    if (channel.isRegistered()) {
      channel.unsafe().close(channel.newPromise());
    }
    channel.runPendingTasks();
    channel.finishAndReleaseAll();
    assertFalse(channel.isOpen());
  }
}
