package io.github.websocketnetty.support;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;

/** An embedded channel that can be half-closed, like TCP. */
public final class DuplexEmbeddedChannel extends EmbeddedChannel implements HalfClosable {
  private int reads;
  private boolean outputShutdown;
  private boolean refusesHalfClose;
  private boolean configIsBroken;

  /** Creates a channel with handlers. */
  public DuplexEmbeddedChannel(ChannelHandler... handlers) {
    super(handlers);
  }

  @Override
  protected void doBeginRead() {
    reads++;
  }

  /** Returns how often somebody wanted to read. */
  public int reads() {
    return reads;
  }

  /** Makes the half-close fail. */
  public void refuseHalfClose() {
    refusesHalfClose = true;
  }

  /** Stands for an error of ours. */
  public void breakConfig(boolean broken) {
    configIsBroken = broken;
  }

  @Override
  public ChannelConfig config() {
    if (configIsBroken) {
      throw new IllegalStateException("broken for the test");
    }
    return super.config();
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    if (refusesHalfClose) {
      return promise.setFailure(new IOException("Transport endpoint is not connected"));
    }
    outputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public boolean isInputShutdown() {
    return false;
  }

  @Override
  public boolean isShutdown() {
    return false;
  }
}
