package io.github.websocketnetty.conversation;

import io.github.websocketnetty.support.LeakCheck;
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

  /** Nothing more was written over the second one, but it was said to be queued. */
  @Test
  void broadcastSkipsAConnectionThatIsKnownToBeLost() {
    new Program()
        .server(Option.WRITE_LIMIT, 50)
        .server(Faults.RESET)
        .server(Broadcasts.TO_ALL_OR_SKIP, 19, 2)
        .check();
  }

  /** What stood before it made the channel unwritable, behind which it waited all the same. */
  @Test
  void broadcastThatIsNotToWaitDoesNotWaitForWhatIsSentJustBefore() {
    new Program()
        .server(Broadcasts.TO_ALL_OR_CLOSE, 32_669)
        .elsewhere()
        .server(Faults.CAPACITY)
        .check();
  }

  /** It was handed over, but said to be queued. */
  @Test
  void broadcastBeyondTheWriteLimitIsSentIfNothingStandsBeforeIt() {
    new Program()
        .client(Option.WRITE_LIMIT, 0)
        .client(Faults.CAPACITY)
        .client(Broadcasts.TO_ONE_OR_CLOSE)
        .check();
  }
}
