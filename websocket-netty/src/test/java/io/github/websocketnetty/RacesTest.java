package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.websocketnetty.support.LeakCheck;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each race some thousand times, or as often as {@code -Draces=} says. The profile {@code
 * jcstress} runs the same ones millions of times, in every mode of the compilers.
 */
@Timeout(120)
@ExtendWith(LeakCheck.class)
class RacesTest {
  private static final int COUNT = Integer.getInteger("races", 2_000);

  /** So often a thread looks for the other one before it lets others run. */
  private static final int SPINS = 200;

  private static final ExecutorService OTHER = Executors.newSingleThreadExecutor();

  /** How many races each of the two threads has come to. */
  private final AtomicInteger first = new AtomicInteger();

  private final AtomicInteger second = new AtomicInteger();

  @AfterAll
  static void stop() throws InterruptedException {
    OTHER.shutdown();
    OTHER.awaitTermination(10, TimeUnit.SECONDS);
  }

  static Stream<Named<Supplier<Race>>> races() {
    return Stream.of(
        race(ReceiveRaces.PutAndReceive::new),
        race(ReceiveRaces.PutAndCancel::new),
        race(ReceiveRaces.FragmentsAndCancel::new),
        race(ReceiveRaces.EndAndReceive::new),
        race(ReceiveRaces.EndAndCancel::new),
        race(ReceiveRaces.LoopAndReceive::new),
        race(ReceiveRaces.PutAndCancelLoop::new),
        race(ReceiveRaces.ReadAndCancelLoop::new),
        race(ReceiveRaces.PauseAndReceive::new),
        race(ReceiveRaces.PauseAndCancel::new),
        race(ReceiveRaces.PutAndDiscard::new),
        race(ReceiveRaces.PutAndStream::new),
        race(ReceiveRaces.EndAndDiscard::new),
        race(SendRaces.EndAndSend::new),
        race(SendRaces.CloseAndSend::new),
        race(SendRaces.SendsInOrder::new),
        race(SendRaces.TwoSenders::new),
        race(SendRaces.WriteAndCancel::new),
        race(SendRaces.EndAndCancel::new),
        race(SendRaces.EndAndFinish::new),
        race(SendRaces.DrainAndSend::new),
        race(SendRaces.SendersWithoutLoop::new),
        race(CloseRaces.EndAndWait::new),
        race(CloseRaces.EndAndReceive::new),
        race(CloseRaces.EndAndSend::new),
        race(CloseRaces.EndAndLook::new),
        race(CloseRaces.EndAndClose::new),
        race(CloseRaces.EndAndBlockingReceive::new),
        race(CloseRaces.PutAndBlockingPoll::new),
        race(CloseRaces.PutAndInterrupt::new),
        race(CloseRaces.EndAndBroadcast::new),
        race(CloseRaces.TwoAskForId::new));
  }

  private static Named<Supplier<Race>> race(Supplier<Race> maker) {
    Class<?> type = maker.get().getClass();
    return Named.of(type.getName().replaceAll(".*\\.", ""), maker);
  }

  // RECV-11, RECV-12, RECV-13, SEND-20, SEND-24, CLOSE-29
  @ParameterizedTest
  @MethodSource("races")
  void whoeverIsFirstTheOutcomeIsOneOfThoseAllowed(Supplier<Race> maker) throws Exception {
    Race[] all = Stream.generate(maker).limit(COUNT).toArray(Race[]::new);
    Future<?> other =
        OTHER.submit(
            () -> {
              for (Race race : all) {
                meet(second, first);
                race.second();
              }
            });
    for (Race race : all) {
      meet(first, second);
      race.first();
    }
    other.get();
    for (Race race : all) {
      String outcome = race.outcome();
      assertFalse(Race.isBroken(outcome), outcome);
    }
  }

  /** Waits until the other thread has come as far. */
  private static void meet(AtomicInteger mine, AtomicInteger others) {
    int place = mine.incrementAndGet();
    for (int spins = 0; others.get() < place; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }
}
