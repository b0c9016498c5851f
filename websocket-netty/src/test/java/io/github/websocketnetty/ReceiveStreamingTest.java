package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.assertFailedWith;
import static io.github.websocketnetty.QueueFixture.closedBadly;
import static io.github.websocketnetty.QueueFixture.closedWell;
import static io.github.websocketnetty.QueueFixture.failureOf;
import static io.github.websocketnetty.QueueFixture.hex;
import static io.github.websocketnetty.QueueFixture.of;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ReceiveStreamingTest {
  private final QueueFixture at = new QueueFixture();
  private final ReceiveQueue queue = at.queue;

  /** Returns the texts of a message whose fragments all wait. */
  private static List<String> textsOf(MessageReader reader) {
    List<String> texts = new ArrayList<>();
    Fragment fragment;
    do {
      fragment = of(reader.next());
      texts.add(fragment.text());
    } while (!fragment.isLast());
    return texts;
  }

  // RECV-04
  @Test
  void eachFrameIsOneFragmentAndSoAreEmptyOnes() {
    at.begin("a");
    at.more("");
    at.more("b");
    at.last("");
    at.text("whole");
    assertEquals(List.of("a", "", "b", ""), textsOf(queue.stream()));
    assertEquals(List.of("whole"), textsOf(queue.stream()));
  }

  // RECV-04
  @Test
  void aFragmentIsWaitedFor() {
    MessageReader reader = queue.stream();
    CompletableFuture<Fragment> first = reader.next();
    assertFalse(first.isDone());
    at.put(MessageType.BINARY, false, hex("01"));
    assertArrayEquals(hex("01"), of(first).bytes());
    assertFalse(of(first).isLast());
    CompletableFuture<Fragment> last = reader.next();
    at.put(null, true, hex("02 03"));
    assertArrayEquals(hex("02 03"), of(last).bytes());
    assertEquals(2, of(last).size());
    assertTrue(of(last).isLast());
  }

  // RECV-05
  @Test
  void aCharacterThatIsSplitComesWithTheFragmentThatCompletesIt() {
    at.put(MessageType.TEXT, false, hex("f0 9f"));
    at.put(null, false, hex("98 80 61"));
    at.put(null, true, hex(""));
    assertEquals(List.of("", "😀a", ""), textsOf(queue.stream()));
  }

  // RECV-05
  @Test
  void aTextMayBeCutAnywhere() {
    String text = "aé€😀z";
    byte[] bytes = QueueFixture.utf8(text);
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        at.put(MessageType.TEXT, false, Arrays.copyOfRange(bytes, 0, first));
        at.put(null, false, Arrays.copyOfRange(bytes, first, second));
        at.put(null, true, Arrays.copyOfRange(bytes, second, bytes.length));
        assertEquals(text, String.join("", textsOf(queue.stream())));
      }
    }
  }

  // RECV-05: byte by byte, each character is there with its last byte
  @Test
  void aTextMayComeByteByByte() {
    byte[] bytes = QueueFixture.utf8("é€😀");
    MessageReader reader = queue.stream();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      boolean last = i + 1 == bytes.length;
      at.put(i == 0 ? MessageType.TEXT : null, last, new byte[] {bytes[i]});
      texts.add(of(reader.next()).text());
    }
    assertEquals(List.of("", "é", "", "", "€", "", "", "", "😀"), texts);
  }

  /** If the check on arrival is switched off, what is no text shows as such and ends nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"ff", "61 c3", "f0 9f", "80 80 80 80", "c3 c3", "f5 80", "e2 82"})
  void uncheckedTextIsReplaced(String payload) {
    at.put(MessageType.TEXT, false, hex(payload));
    at.put(null, false, hex(payload));
    at.put(null, true, hex("62"));
    String text = String.join("", textsOf(queue.stream()));
    assertTrue(text.contains("\uFFFD") && text.endsWith("b"), text);
    at.text("next");
    assertEquals("next", at.received());
  }

  // RECV-06
  @Test
  void theBytesOfTextAreThereAsTheyCameAndBinaryIsNoText() {
    at.put(MessageType.TEXT, false, hex("61 c3"));
    at.put(null, true, hex("a9"));
    MessageReader text = queue.stream();
    assertArrayEquals(hex("61 c3"), of(text.next()).bytes());
    assertArrayEquals(hex("a9"), of(text.next()).bytes());
    at.binary("61");
    Fragment binary = of(queue.stream().next());
    assertThrows(IllegalStateException.class, binary::text);
  }

  @Test
  void theTypeIsKnownFromTheFirstFragmentOn() {
    MessageReader reader = queue.stream();
    at.put(MessageType.BINARY, false, hex("00"));
    assertThrows(IllegalStateException.class, reader::type);
    of(reader.next());
    assertEquals(MessageType.BINARY, reader.type());
    at.put(null, true, hex(""));
    of(reader.next());
    assertEquals(MessageType.BINARY, reader.type());
  }

  // RECV-08
  @Test
  void nobodyElseReceivesBetweenTwoFragments() {
    at.begin("a");
    MessageReader reader = queue.stream();
    of(reader.next());
    assertInstanceOf(ConcurrencyException.class, failureOf(queue.recv()));
    assertThrows(ConcurrencyException.class, queue::stream);
    at.last("b");
    assertEquals("b", of(reader.next()).text());
  }

  // RECV-08
  @Test
  void aSecondNextFailsAndTheFirstGoesOn() {
    MessageReader reader = queue.stream();
    CompletableFuture<Fragment> first = reader.next();
    Throwable failure = failureOf(reader.next());
    assertInstanceOf(ConcurrencyException.class, failure);
    assertEquals("cannot call next while another next is running", failure.getMessage());
    at.text("a");
    assertEquals("a", of(first).text());
  }

  // RECV-14
  @Test
  void aNextCancelledBeforeTheFirstFragmentLosesNothing() {
    MessageReader reader = queue.stream();
    assertTrue(reader.next().cancel(false));
    at.text("a");
    reader.discard();
    assertEquals("a", at.received());
  }

  // RECV-15: there the connection could not be read any more
  @Test
  void aNextCancelledAmidTheMessageCanBeCalledAgain() throws Exception {
    at.begin("a");
    MessageReader reader = queue.stream();
    of(reader.next());
    assertTrue(reader.next().cancel(false));
    CompletableFuture<Fragment> timed = reader.next().orTimeout(1, TimeUnit.MILLISECONDS);
    ExecutionException thrown = assertThrows(ExecutionException.class, timed::get);
    assertInstanceOf(TimeoutException.class, thrown.getCause());
    at.more("b");
    at.last("c");
    assertEquals(List.of("b", "c"), textsOf(reader));
  }

  // RECV-15
  @Test
  void theRestOfAMessageThatIsGivenUpIsDroppedAsItArrives() {
    at.begin("a");
    at.more("b");
    MessageReader reader = queue.stream();
    of(reader.next());
    reader.discard();
    assertEquals(0, queue.frames());
    CompletableFuture<Message> next = queue.recv();
    at.more("c");
    at.last("d");
    assertFalse(next.isDone());
    at.text("next");
    assertEquals("next", of(next).text());
  }

  // RECV-15
  @Test
  void whatWaitsBehindAMessageThatIsGivenUpStays() {
    at.begin("a");
    at.last("b");
    at.begin("c");
    MessageReader reader = queue.stream();
    of(reader.next());
    reader.discard();
    at.last("d");
    assertEquals("cd", at.received());
  }

  // RECV-15
  @Test
  void givingUpBeforeTheFirstFragmentDropsNothing() {
    at.begin("a");
    queue.stream().discard();
    at.last("b");
    assertEquals("ab", at.received());
  }

  // RECV-15
  @Test
  void givingUpCancelsTheNextThatWaits() {
    at.begin("a");
    MessageReader reader = queue.stream();
    of(reader.next());
    CompletableFuture<Fragment> waiting = reader.next();
    reader.discard();
    assertTrue(waiting.isCancelled());
    at.last("b");
    at.text("next");
    assertEquals("next", at.received());
    assertInstanceOf(IllegalStateException.class, failureOf(reader.next()));
  }

  // RECV-16: there the place was held even after the last frame
  @Test
  void thePlaceIsFreeWhenTheLastFragmentIsHandedOut() {
    at.text("a");
    at.text("b");
    MessageReader reader = queue.stream();
    of(reader.next());
    assertEquals("b", at.received());
    assertInstanceOf(IllegalStateException.class, failureOf(reader.next()));
  }

  // RECV-16
  @Test
  void givingUpAMessageThatIsOverDoesNothing() {
    at.text("a");
    MessageReader reader = queue.stream();
    of(reader.next());
    MessageReader other = queue.stream();
    at.begin("b");
    of(other.next());
    reader.discard();
    at.last("c");
    assertEquals("c", of(other.next()).text());
    at.text("d");
    reader.discard();
    assertEquals("d", at.received());
  }

  // RECV-17: there the place stayed taken
  @Test
  void thePlaceIsFreeWhenTheConnectionEnds() {
    MessageReader reader = queue.stream();
    CompletableFuture<Fragment> waiting = reader.next();
    ConnectionClosedException end = closedBadly(null);
    at.end(end);
    assertFailedWith(end, waiting);
    assertFailedWith(end, reader.next());
    assertFailedWith(end, queue.recv());
    assertFailedWith(end, queue.stream().next());
  }

  // RECV-23: what was valid before is handed out, then the end that says why
  @Test
  void fragmentsBeforeTheFailureAreHandedOut() {
    at.begin("a");
    ConnectionClosedException end = closedBadly(null);
    MessageReader reader = queue.stream();
    at.end(end);
    assertEquals("a", of(reader.next()).text());
    assertFailedWith(end, reader.next());
  }

  // RECV-30
  @Test
  void messagesCanBeStreamedAfterTheEnd() {
    at.text("a");
    at.begin("b");
    at.last("c");
    at.end(closedWell());
    assertEquals(List.of("a"), textsOf(queue.stream()));
    assertEquals(List.of("b", "c"), textsOf(queue.stream()));
  }

  // RECV-31
  @Test
  void theFragmentsOfAnIncompleteMessageAreHandedOutAfterTheEnd() {
    at.begin("a");
    at.more("b");
    ConnectionClosedException end = closedWell();
    at.end(end);
    MessageReader reader = queue.stream();
    assertEquals("a", of(reader.next()).text());
    assertEquals("b", of(reader.next()).text());
    assertFailedWith(end, reader.next());
    assertFailedWith(end, queue.recv());
  }

  // RECV-31
  @Test
  void anIncompleteMessageCanBeGivenUpAfterTheEnd() {
    at.begin("a");
    at.more("b");
    ConnectionClosedException end = closedWell();
    at.end(end);
    MessageReader reader = queue.stream();
    of(reader.next());
    reader.discard();
    assertEquals(0, queue.frames());
    assertFailedWith(end, queue.recv());
  }

  // RECV-32
  @Test
  void aWaitingNextFailsAtTheEnd() {
    at.begin("a");
    MessageReader reader = queue.stream();
    of(reader.next());
    CompletableFuture<Fragment> waiting = reader.next();
    ConnectionClosedException end = closedWell();
    at.end(end);
    assertFailedWith(end, waiting);
  }

  // RECV-41, RECV-43
  @Test
  void takingAndDroppingFragmentsLetsReadingGoOn() {
    QueueFixture small = QueueFixture.withMarks(2, 1);
    small.begin("a");
    small.more("b");
    small.more("c");
    small.loop.run(
        () -> {
          MessageReader reader = small.queue.stream();
          of(reader.next());
          assertEquals(List.of("pause", "streaming true"), small.told);
          of(reader.next());
          assertEquals(List.of("pause", "streaming true", "resume"), small.told);
          reader.discard();
        });
    small.last("d");
    small.begin("e");
    small.more("f");
    small.more("g");
    small.loop.run(
        () -> {
          MessageReader reader = small.queue.stream();
          of(reader.next());
          reader.discard();
        });
    assertEquals(
        List.of("streaming false", "pause", "streaming true", "streaming false", "resume"),
        small.told.subList(3, small.told.size()));
  }

  @Test
  void partsOfFramesAreAskedForWhileAReaderIsAtWork() {
    at.loop.run(queue::stream);
    assertEquals(List.of("streaming true"), at.told);
    at.text("a");
    at.end(closedWell());
    assertEquals(List.of("streaming true"), at.told, "after the end nothing is told");
  }

  @Test
  void partsOfFramesAreNoLongerAskedForWhenTheMessageIsOver() {
    MessageReader reader = queue.stream();
    CompletableFuture<Fragment> fragment = reader.next();
    assertEquals(1, at.loop.scheduled());
    at.text("a");
    assertEquals("a", of(fragment).text());
    at.loop.run(queue::stream);
    assertEquals("streaming true", at.told.get(at.told.size() - 1));
  }

  /** Off and on again before the event loop looks is no change. */
  @Test
  void anotherReaderTakesOverFromTheOneBefore() {
    MessageReader first = queue.stream();
    at.loop.runTasks();
    first.discard();
    MessageReader second = queue.stream();
    at.loop.runTasks();
    assertEquals(List.of("streaming true"), at.told);
    second.discard();
    at.loop.runTasks();
    assertEquals(List.of("streaming true", "streaming false"), at.told);
  }
}
