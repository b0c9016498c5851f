package io.github.websocketnetty;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The races about the receive queue, for jcstress. What may come of each {@link Race} it says
 * itself.
 */
public final class ReceiveRacesStress {
  private ReceiveRacesStress() {}

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PutAndReceive {
    private final Race race = new ReceiveRaces.PutAndReceive();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PutAndCancel {
    private final Race race = new ReceiveRaces.PutAndCancel();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class FragmentsAndCancel {
    private final Race race = new ReceiveRaces.FragmentsAndCancel();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class EndAndReceive {
    private final Race race = new ReceiveRaces.EndAndReceive();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class EndAndCancel {
    private final Race race = new ReceiveRaces.EndAndCancel();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class LoopAndReceive {
    private final Race race = new ReceiveRaces.LoopAndReceive();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PutAndCancelLoop {
    private final Race race = new ReceiveRaces.PutAndCancelLoop();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class ReadAndCancelLoop {
    private final Race race = new ReceiveRaces.ReadAndCancelLoop();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PauseAndReceive {
    private final Race race = new ReceiveRaces.PauseAndReceive();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PauseAndCancel {
    private final Race race = new ReceiveRaces.PauseAndCancel();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PutAndDiscard {
    private final Race race = new ReceiveRaces.PutAndDiscard();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class PutAndStream {
    private final Race race = new ReceiveRaces.PutAndStream();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class EndAndDiscard {
    private final Race race = new ReceiveRaces.EndAndDiscard();

    @Actor
    public void first() {
      race.first();
    }

    @Actor
    public void second() {
      race.second();
    }

    @Arbiter
    public void outcome(L_Result seen) {
      seen.r1 = race.outcome();
    }
  }
}
