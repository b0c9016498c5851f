package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Closing behind handlers that do not treat promises as they should. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@MethodSource("kinds")
class ClosePromiseTest {
  @Parameter(0)
  Side side;

  @Parameter(1)
  Habit habit;

  private final CloseStatus status = new CloseStatus(3000, "done");
  private Peer peer;

  static Stream<Arguments> kinds() {
    return Stream.of(Side.values())
        .flatMap(side -> Arrays.stream(Habit.values()).map(habit -> Arguments.of(side, habit)));
  }

  /** What a handler in front of ours does with a promise. */
  private enum Habit {
    PASSES_A_VOID_ONE {
      @Override
      void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(message, ctx.voidPromise());
      }
    },
    PASSES_ITS_OWN {
      @Override
      void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(message);
      }
    },
    DROPS_THE_FRAME {
      @Override
      void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ReferenceCountUtil.release(message);
      }
    },
    COMPLETES_IT_AT_ONCE {
      @Override
      void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        promise.trySuccess();
        ctx.write(message);
      }
    },
    KEEPS_IT_UNTIL_THE_CHANNEL_IS_CLOSED {
      @Override
      void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ReferenceCountUtil.release(message);
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
      }
    };

    abstract void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise);
  }

  private void open(Duration timeout) {
    peer = new Peer(new WebSocketCloseHandler(side, timeout));
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                habit.write(ctx, message, promise);
              }
            });
  }

  @AfterEach
  void end() {
    peer.vanishes();
    peer.channel.finishAndReleaseAll();
  }

  private boolean reachesThePeer() {
    return habit != Habit.DROPS_THE_FRAME && habit != Habit.KEEPS_IT_UNTIL_THE_CHANNEL_IS_CLOSED;
  }

  @Test
  void futureOfACloseFrameCompletesAlthoughNoPromiseDoes() {
    open(Duration.ofSeconds(10));
    ChannelFuture written = peer.channel.pipeline().writeAndFlush(Peer.close(status));
    ChannelFuture closed = peer.channel.pipeline().close();
    peer.channel.runPendingTasks();
    if (reachesThePeer()) {
      peer.sendsClose(status);
    }
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isOpen());
    assertTrue(written.isDone());
    assertTrue(closed.isSuccess());
    if (reachesThePeer()) {
      assertTrue(written.isSuccess(), () -> "" + written.cause());
      assertEquals(status, peer.end().sent());
    } else if (habit == Habit.DROPS_THE_FRAME) {
      assertFalse(written.isSuccess());
    }
  }

  @Test
  void futureOfACloseFrameCompletesWhenThePeerIsLost() {
    open(Duration.ZERO);
    ChannelFuture written = peer.channel.pipeline().writeAndFlush(Peer.close(status));
    ChannelFuture closed = peer.channel.pipeline().close();
    peer.channel.runPendingTasks();
    peer.vanishes();
    assertTrue(written.isDone());
    assertTrue(closed.isSuccess());
  }

  @Test
  void futureOfACloseFrameCompletesWithoutTheHandlerThatWroteIt() {
    open(Duration.ofSeconds(10));
    ChannelFuture written = peer.channel.pipeline().writeAndFlush(Peer.close(status));
    peer.channel.pipeline().remove(WebSocketCloseHandler.class);
    peer.vanishes();
    assertTrue(written.isDone());
  }

  @Test
  void voidPromiseOfTheUsersIsNoObstacle() {
    open(Duration.ofSeconds(10));
    peer.channel.pipeline().writeAndFlush(Peer.close(status), peer.channel.voidPromise());
    peer.channel.pipeline().close(peer.channel.newPromise());
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isOpen());
  }
}
