package io.github.websocketnetty;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The races about the end of a connection, for jcstress. What may come of each {@link Race} it says
 * itself.
 */
public final class CloseRacesStress {
  private CloseRacesStress() {}

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class EndAndWait {
    private final Race race = new CloseRaces.EndAndWait();

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
    private final Race race = new CloseRaces.EndAndReceive();

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
  public static class EndAndSend {
    private final Race race = new CloseRaces.EndAndSend();

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
  public static class EndAndLook {
    private final Race race = new CloseRaces.EndAndLook();

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
  public static class EndAndClose {
    private final Race race = new CloseRaces.EndAndClose();

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
  public static class EndAndBlockingReceive {
    private final Race race = new CloseRaces.EndAndBlockingReceive();

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
  public static class PutAndBlockingPoll {
    private final Race race = new CloseRaces.PutAndBlockingPoll();

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
  public static class PutAndInterrupt {
    private final Race race = new CloseRaces.PutAndInterrupt();

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
  public static class EndAndBroadcast {
    private final Race race = new CloseRaces.EndAndBroadcast();

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
  public static class TwoAskForId {
    private final Race race = new CloseRaces.TwoAskForId();

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
