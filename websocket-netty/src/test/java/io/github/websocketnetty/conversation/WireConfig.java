package io.github.websocketnetty.conversation;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.function.Consumer;

/** The options of a socket that matter at its end. */
final class WireConfig extends DefaultChannelConfig {
  /** Whether somebody wants to read. */
  boolean isReadPending;

  /** Told before reading is to pause or to go on; null for nobody. */
  Consumer<Boolean> flow;

  boolean isHalfClosureAllowed;
  int linger = -1;

  WireConfig(WireChannel channel) {
    super(channel);
  }

  @Override
  public ChannelConfig setAutoRead(boolean on) {
    if (flow != null && on != isAutoRead()) {
      flow.accept(on);
    }
    return super.setAutoRead(on);
  }

  @Override
  protected void autoReadCleared() {
    isReadPending = false;
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T getOption(ChannelOption<T> option) {
    if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
      return (T) Boolean.valueOf(isHalfClosureAllowed);
    }
    return super.getOption(option);
  }

  @Override
  public <T> boolean setOption(ChannelOption<T> option, T value) {
    if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
      isHalfClosureAllowed = (Boolean) value;
    } else if (option == ChannelOption.SO_LINGER) {
      linger = (Integer) value;
    } else {
      return super.setOption(option, value);
    }
    return true;
  }
}
