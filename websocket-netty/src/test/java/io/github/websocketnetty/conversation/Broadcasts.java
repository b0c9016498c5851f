package io.github.websocketnetty.conversation;

import io.github.websocketnetty.BinaryMessage;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.SlowReceivers;
import io.github.websocketnetty.TextMessage;
import java.util.List;

/** Broadcasts: {@code a} is the length of the message, {@code b} its kind. */
enum Broadcasts implements Act {
  /** To the connection of the party. */
  TO_ONE(true, SlowReceivers.QUEUE, 1),
  TO_ONE_OR_SKIP(true, SlowReceivers.SKIP, 1),
  TO_ONE_OR_CLOSE(false, SlowReceivers.CLOSE, 1),
  /** Twice to the connection of the party. */
  TWICE(true, SlowReceivers.QUEUE, 2),
  TWICE_OR_SKIP(true, SlowReceivers.SKIP, 2),
  /** To both connections, to the first of them twice, and to one that is closed. */
  TO_ALL(true, SlowReceivers.QUEUE, 3),
  TO_ALL_OR_SKIP(true, SlowReceivers.SKIP, 3),
  TO_ALL_OR_CLOSE(false, SlowReceivers.CLOSE, 3);

  private final boolean isTame;
  private final SlowReceivers policy;

  /** How often it may be received, on both sides together. */
  final int most;

  Broadcasts(boolean isTame, SlowReceivers policy, int most) {
    this.isTame = isTame;
    this.policy = policy;
    this.most = most;
  }

  @Override
  public boolean isTame() {
    return isTame;
  }

  @Override
  public void run(Party party, int length, int kind) {
    String text = party.talk.content().text(length, kind);
    Message message = length % 2 == 0 ? TextMessage.of(text) : BinaryMessage.of(Content.utf8(text));
    new Announcement(party, message, policy).broadcast(receivers(party), most == 3);
  }

  private List<Party> receivers(Party party) {
    return switch (most) {
      case 1 -> List.of(party);
      case 2 -> List.of(party, party);
      default -> List.of(party, party.talk.other(party), party);
    };
  }
}
