package io.github.websocketnetty.conversation;

import io.github.websocketnetty.support.HalfClosable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * One end of the wire, as a channel of Netty's that behaves like a socket: writes wait while the
 * wire is full, reads while nobody asks, either half can end, and a reset loses what is under way.
 */
final class WireChannel extends AbstractChannel implements HalfClosable {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final int READS_AT_ONCE = 16;

  private final WireConfig config = new WireConfig(this);
  private final String name;
  private final Pipe in;
  private final Pipe out;
  private boolean isOpen = true;
  private boolean isRegistered;
  private boolean isWriting;
  private boolean isInputShutdown;
  private boolean isOutputShutdown;

  WireChannel(String name, Pipe in, Pipe out) {
    super(null);
    this.name = name;
    this.in = in;
    this.out = out;
  }

  Pipe in() {
    return in;
  }

  Pipe out() {
    return out;
  }

  /** Moves what can be moved. Returns whether there was anything. */
  boolean move() {
    if (!isOpen) {
      return refuse();
    }
    return writeOn() | receive();
  }

  /** Who sends to a closed socket is told by a reset. */
  private boolean refuse() {
    if (!in.hasBytes()) {
      return false;
    }
    in.drop();
    out.reset();
    return true;
  }

  private boolean writeOn() {
    ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
    if (waiting == null || waiting.isEmpty() || out.room() == 0 && !in.isReset()) {
      return false;
    }
    int before = waiting.size();
    int room = out.room();
    wire().flushOn();
    return waiting.size() != before || out.room() != room;
  }

  private WireUnsafe wire() {
    return (WireUnsafe) unsafe();
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer waiting) throws IOException {
    if (isWriting) {
      return; // the outer call goes on
    }
    isWriting = true;
    try {
      for (Object next = waiting.current(); next != null; next = waiting.current()) {
        if (in.isReset()) {
          throw new IOException("Broken pipe");
        }
        ByteBuf buffer = (ByteBuf) next;
        int length = Math.min(out.room(), buffer.readableBytes());
        if (length == 0 && buffer.isReadable()) {
          return;
        }
        out.write(buffer, length);
        if (length == buffer.readableBytes()) {
          waiting.remove();
        } else {
          waiting.removeBytes(length);
        }
      }
    } finally {
      isWriting = false;
    }
  }

  private boolean receive() {
    if (!config.isReadPending || isInputShutdown) {
      return false;
    }
    if (in.isReset()) {
      config.isReadPending = false;
      pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      endInput();
      return true;
    }
    boolean hasRead = false;
    for (int i = 0; i < READS_AT_ONCE && isOpen && in.hasBytes(); i++) {
      config.isReadPending = false;
      hasRead = true;
      byte[] bytes = in.read();
      pipeline().fireChannelRead(alloc().ioBuffer(bytes.length).writeBytes(bytes));
      if (!config.isAutoRead()) {
        break;
      }
    }
    if (hasRead) {
      pipeline().fireChannelReadComplete();
    } else if (in.isFinished()) {
      config.isReadPending = false;
      endInput();
      return true;
    }
    return hasRead;
  }

  /** As Netty's sockets do at the end of their input, and at its failure. */
  private void endInput() {
    if (!isOpen || isInputShutdown) {
      return;
    }
    isInputShutdown = true;
    if (config.isHalfClosureAllowed) {
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      unsafe().close(voidPromise());
    }
  }

  @Override
  protected void doBeginRead() {
    config.isReadPending = true;
  }

  @Override
  protected void doShutdownOutput() {
    isOutputShutdown = true;
    out.fin();
  }

  @Override
  protected void doClose() {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    if (config.linger == 0 || in.hasBytes()) {
      out.reset();
    } else if (!isOutputShutdown) {
      out.fin();
    }
  }

  /** Lets the rest of a write follow as the selector of a socket would. */
  private final class WireUnsafe extends AbstractUnsafe {
    void flushOn() {
      super.flush0();
    }

    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      promise.setFailure(new UnsupportedOperationException());
    }
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new WireUnsafe();
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    isRegistered = true;
    promise.setSuccess();
  }

  @Override
  public WireConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isOpen() {
    return isOpen;
  }

  @Override
  public boolean isActive() {
    return isOpen && isRegistered;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof VirtualLoop;
  }

  @Override
  protected SocketAddress localAddress0() {
    return new LocalAddress(name);
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return new LocalAddress("peer of " + name);
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public boolean isInputShutdown() {
    return isInputShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return isOutputShutdown;
  }

  @Override
  public boolean isShutdown() {
    return isInputShutdown && isOutputShutdown;
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    wire().shutdownOutput(promise);
    return promise;
  }
}
