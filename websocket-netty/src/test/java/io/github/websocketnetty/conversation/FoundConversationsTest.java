package io.github.websocketnetty.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.BinaryMessage;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.support.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What random conversations found, as small as it can be. */
@ExtendWith(LeakCheck.class)
class FoundConversationsTest {
  /** The place was still taken while the end of the loop was told. */
  @Test
  void loopThatIsCancelledHasLeftItsPlaceToWhoHearsOfIt() {
    new Program()
        .client(Receives.FOR_EACH)
        .client(Receives.RECV)
        .whenDone()
        .client(Receives.CANCEL)
        .check();
  }

  @Test
  void loopThatTimesOutHasLeftItsPlaceToWhoHearsOfIt() {
    new Program()
        .client(Receives.FOR_EACH)
        .client(Receives.RECV)
        .whenDone()
        .client(Receives.TIMEOUT, 1)
        .client(Faults.PASS, 1)
        .check();
  }

  /**
   * Both closed at the same time, and the client's message and close frame never left: its end was
   * OK all the same.
   */
  @Test
  void closeIsNotOkIfWhatWasSentBeforeItNeverLeft() {
    new Program()
        .client(Option.CLOSE_TIMEOUT, 1)
        .client(Faults.DELAY, 1)
        .client(Faults.CAPACITY, 1)
        .client(Sends.STRING)
        .check();
  }

  // On the event loop, a send takes in what others have sent, which may complete their futures.
  @Test
  void sendInTheCompletionOfWhatASendTakesInStandsBehindThatSend() {
    new Program()
        .server(Pumps.PUBLISHER)
        .elsewhere()
        .server(Sends.STRING)
        .whenDone()
        .server(Sends.NIO)
        .check();
  }

  // SEND-20: so does a broadcast.
  @Test
  void sendInTheCompletionOfWhatABroadcastTakesInStandsBehindThatBroadcast() {
    new Program()
        .server(Pumps.PUBLISHER)
        .elsewhere()
        .server(Sends.STRING)
        .whenDone()
        .server(Broadcasts.TO_ONE, 20)
        .check();
  }

  /** Not for random programs. */
  private enum Broadcasts implements Act {
    TO_ONE;

    @Override
    public void run(Party party, int length, int kind) {
      byte[] data = Content.utf8(party.talk.content().text(length, kind));
      List<Connection> one = List.of(party.connection);
      party.outbox.whole(
          MessageType.BINARY,
          data,
          () ->
              Connections.broadcast(one, BinaryMessage.of(data))
                  .thenAccept(result -> assertEquals(List.of(), result.skipped())));
    }

    @Override
    public boolean isTame() {
      return true;
    }
  }
}
