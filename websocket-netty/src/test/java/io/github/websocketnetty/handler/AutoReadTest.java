package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Auto-read belongs to the application: it gets no frame that it did not ask for. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass(name = "{0} compressed={1} aggregated={2}")
@MethodSource("kinds")
class AutoReadTest extends AutoReadFixture {
  static Stream<Arguments> kinds() {
    return Stream.of(Side.values()).flatMap(AutoReadFixture::kinds);
  }

  @Test
  void framesThatCameWithTheHandshakeAreHandedOnOneForEachRead() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    peerOpens(text("one"), text("two"));
    assertOneForEachRead("text one", "text two");
  }

  @Test
  void framesThatCameWithTheHandshakeComeAtOnceWithAutoRead() {
    open();
    peerOpens(text("one"), text("two"));
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
    assertTrue(channel.config().isAutoRead());
  }

  @Test
  void applicationThatSwitchesItOffWhenTheConnectionIsOpenGetsWhatItAsksFor() {
    open();
    switchOffWhenOpen();
    peerOpens(text("one"), text("two"));
    transport.arrives(text("three"));
    assertOneForEachRead("text one", "text two", "text three");
  }

  // HS-27, HS-30
  @Test
  void muchThatArrivesWhileTheApplicationIsToldDoesNotUndoThatItSwitchesAutoReadOff() {
    open();
    outcome.whenOpen =
        ctx -> {
          peerSendsUnasked(text("one"), binary(70_000));
          ctx.channel().config().setAutoRead(false);
        };
    peerOpens();
    assertOneForEachRead("text one", "binary of 70000");
  }

  @Test
  void controlFramesThatCameWithTheHandshakeNeedNoRead() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    byte[] ping = WireFrame.of(9, side == Side.SERVER, new byte[] {'p'});
    peerOpens(ping, Arrays.copyOf(ping, 1));
    assertTrue(Outcome.written(channel).contains("\u008A"), "no pong");
    peerSendsUnasked(Arrays.copyOfRange(ping, 1, ping.length));
    assertTrue(Outcome.written(channel).contains("\u008A"), "no second pong");
    peerSendsUnasked(text("one"), text("two"));
    assertOneForEachRead("text one");
  }

  @Test
  void messageInFragmentsIsAskedForOnceWhereItIsJoined() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    boolean masked = side == Side.SERVER;
    peerOpens(
        WireFrame.of(false, 0, 1, masked, new byte[] {'a'}),
        WireFrame.of(true, 0, 0, masked, new byte[] {'b'}),
        text("next"));
    channel.read();
    if (aggregated) {
      assertEquals(List.of("completed", "text ab"), outcome.events);
    } else {
      assertEquals(List.of("completed", "text a"), outcome.events);
      channel.read();
    }
    assertFalse(outcome.events.contains("text next"));
  }

  @Test
  void readThatWasMadeUnderAutoReadDoesNotCountOnceItIsOff() {
    open();
    peerOpens();
    channel.read();
    channel.config().setAutoRead(false);
    peerSendsUnasked(text("unasked"));
    assertOneForEachRead("text unasked");
  }
}
