package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Auto-read while a hook of the server takes its time, and a client does not wait for the 101. Only
 * a server can be between the two parts of the handshake for longer than one read.
 */
// HS-27, HS-30
@ExtendWith(LeakCheck.class)
@ParameterizedClass(name = "{0} compressed={1} aggregated={2}")
@MethodSource("kinds")
class AutoReadDuringHooksTest extends AutoReadFixture {
  private final CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();

  static Stream<Arguments> kinds() {
    return kinds(Side.SERVER);
  }

  @BeforeEach
  void openWithHook() {
    openServer(ServerHandshakeOptions.builder().processRequest(request -> hook).build());
  }

  @Test
  void hookThatTakesItsTimeDoesNotUndoThatAutoReadIsSwitchedOffWhenTheConnectionIsOpen() {
    switchOffWhenOpen();
    peerOpens(text("one"), text("two"));
    hook.complete(null);
    transport.arrives(text("three"));
    assertOneForEachRead("text one", "text two", "text three");
  }

  @Test
  void autoReadThatIsSwitchedOffWhileAHookTakesItsTimeStaysOff() {
    peerOpens(text("one"));
    channel.config().setAutoRead(false);
    transport.arrives(text("two"));
    hook.complete(null);
    assertOneForEachRead("text one", "text two");
  }

  @Test
  void autoReadThatIsSwitchedOffAfterMuchHasArrivedStaysOff() {
    peerOpens(binary(60_000));
    transport.arrives(binary(10_000));
    channel.config().setAutoRead(false);
    transport.arrives(text("late"));
    hook.complete(null);
    assertOneForEachRead("binary of 60000", "binary of 10000", "text late");
  }

  @Test
  void applicationWithAutoReadGetsAllThatArrivedMeanwhile() {
    peerOpens(text("first"));
    List<String> expected = new ArrayList<>(List.of("completed", "text first"));
    for (int length = 70_000; length <= 75_000; length += 1000) {
      transport.arrives(binary(length));
      expected.add("binary of " + length);
      assertTrue(channel.config().isAutoRead(), "auto-read is the application's");
    }
    assertEquals(List.of(), outcome.events);
    hook.complete(null);
    assertTrue(channel.config().isAutoRead());
    transport.arrives(text("last"));
    expected.add("text last");
    assertEquals(expected, outcome.events);
  }

  @Test
  void autoReadThatIsSwitchedOnAgainMeanwhileReads() {
    channel.config().setAutoRead(false);
    channel.read();
    peerOpens(text("one"));
    channel.read();
    transport.arrives(text("two"));
    channel.config().setAutoRead(true);
    hook.complete(null);
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void readThatIsMadeMeanwhileAsksForTheFirstFrame() {
    channel.config().setAutoRead(false);
    channel.read();
    peerOpens(text("one"), text("two"));
    channel.read();
    hook.complete(null);
    assertEquals(List.of("completed", "text one"), outcome.events);
    channel.read();
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
  }

  @Test
  void readThatIsMadeMeanwhileAsksForTheRestOfTheFirstFrame() {
    byte[] frame = binary(1000);
    channel.config().setAutoRead(false);
    channel.read();
    peerOpens(Arrays.copyOf(frame, 500));
    channel.read();
    transport.arrives(Arrays.copyOfRange(frame, 500, frame.length));
    transport.arrives(text("unasked"));
    hook.complete(null);
    assertEquals(List.of("completed", "binary of 1000"), outcome.events);
  }

  @Test
  void readThatIsMadeBeforeAnythingArrivedIsNotHeldBack() {
    channel.config().setAutoRead(false);
    channel.read();
    peerOpens();
    int reads = transport.reads();
    channel.read();
    assertTrue(transport.reads() > reads);
    transport.arrives(text("one"));
    transport.arrives(text("two"));
    hook.complete(null);
    assertEquals(List.of("completed", "text one"), outcome.events);
  }

  /** An application that reads by itself asks for more at the end of each read. */
  @Test
  void applicationThatReadsByItselfStopsAClientThatDoesNotWait() {
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelReadComplete(ChannelHandlerContext ctx) {
                ctx.read();
              }
            });
    channel.config().setAutoRead(false);
    channel.read();
    peerOpens();
    for (int i = 0; i < 60; i++) {
      transport.arrives(binary(50_000));
    }
    assertTrue(channel.isOpen(), "3 MB were read");
    assertEquals(List.of(), outcome.events);
    hook.complete(null);
    for (int i = 0; i < 60; i++) {
      channel.read();
    }
    List<String> expected = new ArrayList<>(List.of("completed"));
    for (int i = 0; i < 60; i++) {
      expected.add("binary of 50000");
    }
    assertEquals(expected, outcome.events);
    assertFalse(channel.config().isAutoRead());
  }
}
