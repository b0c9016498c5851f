package io.github.websocketnetty.support;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;

/** What channels for tests have in common of which only the output can be shut down. */
public interface HalfClosable extends DuplexChannel {
  @Override
  default ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  default ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  default ChannelFuture shutdownInput(ChannelPromise promise) {
    return promise.setFailure(new UnsupportedOperationException());
  }

  @Override
  default ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  default ChannelFuture shutdown(ChannelPromise promise) {
    return promise.setFailure(new UnsupportedOperationException());
  }
}
