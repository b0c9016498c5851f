package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.assertFailedWith;
import static io.github.websocketnetty.QueueFixture.closedWell;
import static io.github.websocketnetty.QueueFixture.of;
import static io.github.websocketnetty.QueueFixture.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the source is told to pause and to go on. */
class ReceiveFlowTest {
  private static QueueFixture withBytes(long bytes) {
    return new QueueFixture(ConnectionOptions.builder().maxQueueBytes(bytes).build());
  }

  private static void fill(QueueFixture at, int frames) {
    for (int i = 0; i < frames; i++) {
      at.text("" + i);
    }
  }

  private static void receiveOnLoop(QueueFixture at, int messages) {
    at.loop.run(
        () -> {
          for (int i = 0; i < messages; i++) {
            of(at.queue.recv());
          }
        });
  }

  // OPT-05, RECV-42, RECV-43: the defaults are 16 and 4
  @Test
  void readingPausesAtTheSeventeenthFrameAndGoesOnWhenFourRemain() {
    QueueFixture at = new QueueFixture();
    fill(at, 16);
    assertEquals(List.of(), at.told);
    at.text("16");
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 12);
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 1);
    assertEquals(List.of("pause", "resume"), at.told);
    assertEquals(4, at.queue.frames());
  }

  /** One read brings so much that others have their turn, and more than the high mark. */
  @Test
  void readingGoesOnWhenTheQueueWasFullAsItsTurnEnded() {
    QueueFixture at = QueueFixture.withMarks(1, 0);
    at.loop.run(
        () -> {
          at.queue.put(MessageType.BINARY, true, new byte[1 << 20]);
          at.queue.put(MessageType.BINARY, true, new byte[1]);
        });
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 2);
    assertEquals(List.of("pause", "resume"), at.told);
  }

  // OPT-06
  @ParameterizedTest
  @CsvSource({"10, 2", "20, 5", "3, 0", "0, 0"})
  void theLowMarkIsAQuarterOfTheHighOne(int high, int low) {
    QueueFixture at = new QueueFixture(ConnectionOptions.builder().maxQueue(high).build());
    fill(at, high);
    assertEquals(List.of(), at.told);
    at.text("one more");
    receiveOnLoop(at, high - low);
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 1);
    assertEquals(List.of("pause", "resume"), at.told);
  }

  // OPT-06, RECV-44: what has no limit gets the largest one
  @Test
  void aHighMarkThatIsNeverReachedNeverPauses() {
    QueueFixture at = new QueueFixture(ConnectionOptions.builder().maxQueue(1 << 30).build());
    fill(at, 1000);
    receiveOnLoop(at, 1000);
    assertEquals(List.of(), at.told);
  }

  // OPT-07: there the connection failed later, for an unrelated reason
  @ParameterizedTest
  @CsvSource({
    "-1, -1, 'maxQueue: low is -1, must be positive or equal to zero'",
    "1, 2, 'maxQueue: high is 1, must be greater than or equal to low 2'"
  })
  void impossibleMarksAreRefusedWhereTheyAreGiven(int high, int low, String message) {
    ConnectionOptions.Builder options = ConnectionOptions.builder();
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> options.maxQueue(high, low))
            .getMessage());
  }

  // OPT-07
  @Test
  void aNegativeHighMarkAloneIsRefusedWhereTheyAreGiven() {
    ConnectionOptions.Builder options = ConnectionOptions.builder();
    assertThrows(IllegalArgumentException.class, () -> options.maxQueue(-1));
  }

  // RECV-41
  @Test
  void eachFragmentCountsAndSoDoEmptyOnes() {
    QueueFixture at = QueueFixture.withMarks(2, 1);
    at.begin("");
    at.more("");
    assertEquals(List.of(), at.told);
    at.more("");
    assertEquals(List.of("pause"), at.told);
    assertEquals(3, at.queue.frames());
    assertEquals(0, at.queue.bytes());
  }

  // RECV-42, RECV-43
  @Test
  void thePauseIsToldOnceUntilReadingWentOn() {
    QueueFixture at = QueueFixture.withMarks(2, 1);
    fill(at, 5);
    receiveOnLoop(at, 1);
    at.text("6");
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 5);
    assertEquals(List.of("pause", "resume"), at.told);
    fill(at, 3);
    assertEquals(List.of("pause", "resume", "pause"), at.told);
  }

  // RECV-45: nothing that was parsed is lost, though it is beyond the mark
  @Test
  void framesThatComeInSpiteOfThePauseAreKept() {
    QueueFixture at = QueueFixture.withMarks(4, 1);
    fill(at, 33);
    assertEquals(33, at.queue.frames());
    for (int i = 0; i < 33; i++) {
      assertEquals("" + i, at.received());
    }
  }

  // RECV-46
  @Test
  void aMessageOfMoreFragmentsThanTheHighMarkIsReceived() {
    QueueFixture at = QueueFixture.withMarks(2, 0);
    at.begin("a");
    for (int i = 0; i < 3; i++) {
      at.more("b");
    }
    assertEquals(List.of("pause"), at.told);
    CompletableFuture<Message> message = at.queue.recv();
    at.loop.runTasks();
    assertEquals(List.of("pause", "resume"), at.told);
    for (int i = 0; i < 10; i++) {
      at.more("c");
    }
    at.last("d");
    assertEquals(List.of("pause", "resume"), at.told);
    assertEquals("abbbccccccccccd", of(message).text());
  }

  // RECV-12, RECV-42
  @Test
  void framesOfAWithdrawnReceiveCountAgain() {
    QueueFixture at = QueueFixture.withMarks(2, 0);
    CompletableFuture<Message> message = at.queue.recv();
    at.begin("a");
    at.more("b");
    at.more("c");
    assertEquals(0, at.queue.frames());
    at.loop.run(() -> message.cancel(false));
    assertEquals(3, at.queue.frames());
    assertEquals(List.of("pause"), at.told);
    at.loop.run(at.queue::recv);
    assertEquals(List.of("pause", "resume"), at.told);
  }

  @Test
  void readingPausesBeyondTheBytesAndGoesOnAtAQuarterOfThem() {
    QueueFixture at = withBytes(8);
    at.text("12345678");
    assertEquals(8, at.queue.bytes());
    at.text("");
    assertEquals(List.of(), at.told);
    at.text("9");
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 1);
    assertEquals(List.of("pause", "resume"), at.told);
  }

  @Test
  void readingGoesOnOnlyWhenBothLowMarksAreReached() {
    QueueFixture at =
        new QueueFixture(ConnectionOptions.builder().maxQueue(1, 1).maxQueueBytes(8).build());
    at.text("12345678");
    at.text("123");
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 1);
    assertEquals(1, at.queue.frames());
    assertEquals(3, at.queue.bytes(), "more than a quarter");
    assertEquals(List.of("pause"), at.told);
    receiveOnLoop(at, 1);
    assertEquals(List.of("pause", "resume"), at.told);
  }

  @Test
  void aWaitingReceiveIsNotHeldUpByTheBytesOfItsMessage() {
    QueueFixture at = withBytes(2);
    CompletableFuture<Message> message = at.queue.recv();
    at.begin("12345678");
    assertEquals(0, at.queue.bytes());
    at.last("9");
    assertEquals("123456789", of(message).text());
    assertEquals(List.of(), at.told);
  }

  /** A resume from another thread must not overtake the pause before it. */
  @Test
  void theSourceIsToldOnTheEventLoopAndInOrder() {
    QueueFixture at = QueueFixture.withMarks(0, 0);
    at.text("a");
    at.received();
    assertEquals(List.of("pause"), at.told);
    assertEquals(1, at.loop.scheduled());
    at.loop.runTasks();
    assertEquals(List.of("pause", "resume"), at.told);
  }

  /** A resume that was overtaken by another pause is no longer wanted. */
  @Test
  void aResumeOnItsWayIsForgottenIfTheQueueIsFullAgain() {
    QueueFixture at = QueueFixture.withMarks(0, 0);
    at.text("a");
    at.received();
    at.text("b"); // runs what is scheduled behind it
    assertEquals(List.of("pause"), at.told);
    at.received();
    at.loop.runTasks();
    assertEquals(List.of("pause", "resume"), at.told);
  }

  @Test
  void manyReceivesElsewhereScheduleOneTask() {
    QueueFixture at = QueueFixture.withMarks(4, 4);
    fill(at, 9);
    for (int i = 0; i < 9; i++) {
      at.received();
    }
    assertEquals(1, at.loop.scheduled());
  }

  @Test
  void theSourceMayPutFramesWhileItIsToldToGoOn() {
    QueueFixture at = QueueFixture.withMarks(2, 0);
    at.onResume = () -> fillInside(at, 3);
    fill(at, 3);
    for (int i = 0; i < 3; i++) {
      receiveOnLoop(at, 3);
      assertEquals(3, at.queue.frames());
    }
    assertEquals(
        List.of("pause", "resume", "pause", "resume", "pause", "resume", "pause"), at.told);
  }

  private static void fillInside(QueueFixture at, int frames) {
    for (int i = 0; i < frames; i++) {
      at.queue.put(MessageType.TEXT, true, utf8("more"));
    }
  }

  @Test
  void anEventLoopThatWasShutDownIsNotToldAnything() {
    QueueFixture at = QueueFixture.withMarks(0, 0);
    at.text("a");
    at.text("b");
    at.loop.shutdownGracefully();
    assertEquals("a", at.received());
    assertEquals("b", at.received());
    assertEquals(List.of("pause"), at.told);
  }

  @Test
  void theSourceIsNotToldAnythingAfterTheEnd() {
    QueueFixture at = QueueFixture.withMarks(0, 0);
    at.text("a");
    at.end(closedWell());
    receiveOnLoop(at, 1);
    assertEquals(List.of("pause"), at.told);
  }

  // RECV-40: there a full queue kept the peer's close frame out until the close timeout
  @Test
  void readingGoesOnWhileClosingAndWhatIsBeyondTheMarkIsDropped() {
    QueueFixture at = QueueFixture.withMarks(2, 0);
    fill(at, 3);
    at.loop.run(at.queue::closing);
    assertEquals(List.of("pause", "resume"), at.told);
    fill(at, 1000);
    assertEquals(3, at.queue.frames());
    assertEquals(1000, at.queue.dropped());
    ConnectionClosedException end = closedWell();
    at.end(end);
    for (int i = 0; i < 3; i++) {
      assertEquals("" + i, at.received());
    }
    assertFailedWith(end, at.queue.recv());
  }

  // RECV-40
  @Test
  void nothingIsKeptBehindWhatWasDropped() {
    QueueFixture at = QueueFixture.withMarks(0, 0);
    at.loop.run(at.queue::closing);
    at.begin("a");
    at.more("b");
    CompletableFuture<Message> message = at.queue.recv();
    at.last("c");
    at.text("d");
    assertFalse(message.isDone());
    ConnectionClosedException end = closedWell();
    at.end(end);
    assertFailedWith(end, message);
    assertEquals(3, at.queue.dropped());
  }

  // RECV-33
  @Test
  void framesThatComeWhileClosingAreStillReceived() {
    QueueFixture at = new QueueFixture();
    CompletableFuture<Message> waiting = at.queue.recv();
    at.loop.run(at.queue::closing);
    at.text("a");
    at.text("b");
    at.end(closedWell());
    assertTrue(waiting.isDone());
    assertEquals("a", of(waiting).text());
    assertEquals("b", at.received());
    assertEquals(0, at.queue.dropped());
  }
}
