package io.github.websocketnetty.conversation;

import io.netty.channel.ChannelHandlerContext;

/** What the wire does, in the direction from the party of the step; and time. */
enum Faults implements Act {
  /** Nothing arrives any more. */
  HOLD(false, (party, a, b) -> party.channel.out().isHeld = true),
  /** It arrives again. */
  RELEASE(true, (party, a, b) -> party.channel.out().isHeld = false),
  /** Bytes take so many milliseconds. */
  DELAY(true, (party, millis, b) -> party.channel.out().delayNanos = millis * 1_000_000L),
  /** So many bytes arrive at once. */
  CUT(true, (party, bytes, b) -> party.channel.out().cut = Math.max(1, bytes)),
  /** So many bytes may be under way. */
  CAPACITY(true, (party, bytes, b) -> party.channel.out().capacity = Math.max(1, bytes)),
  /** Our half ends behind what is under way. */
  FIN(false, (party, a, b) -> party.channel.out().fin()),
  /** The connection is reset, for both. */
  RESET(
      false,
      (party, a, b) -> {
        party.channel.out().reset();
        party.channel.in().reset();
      }),
  /** The channel is closed under the connection, past its handlers. */
  DROP(
      false,
      (party, a, b) -> {
        ChannelHandlerContext first = party.channel.pipeline().firstContext();
        if (first != null) {
          first.close();
        }
      }),
  /** So many milliseconds pass; all that is due happens. */
  PASS(true, (party, millis, b) -> party.talk.pass(millis));

  /** How a constant does it. */
  private interface Deed {
    void run(Party party, int a, int b);
  }

  private final boolean isTame;
  private final Deed deed;

  Faults(boolean isTame, Deed deed) {
    this.isTame = isTame;
    this.deed = deed;
  }

  @Override
  public void run(Party party, int a, int b) {
    deed.run(party, a, b);
  }

  @Override
  public boolean isTame() {
    return isTame;
  }
}
