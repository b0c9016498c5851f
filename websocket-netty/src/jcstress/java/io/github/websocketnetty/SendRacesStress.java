package io.github.websocketnetty;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The races about the send gate, for jcstress. What may come of each {@link Race} it says itself.
 */
public final class SendRacesStress {
  private SendRacesStress() {}

  @JCStressTest
  @JCStressMeta(RaceOutcomes.class)
  @State
  public static class EndAndSend {
    private final Race race = new SendRaces.EndAndSend();

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
  public static class CloseAndSend {
    private final Race race = new SendRaces.CloseAndSend();

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
  public static class SendsInOrder {
    private final Race race = new SendRaces.SendsInOrder();

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
  public static class TwoSenders {
    private final Race race = new SendRaces.TwoSenders();

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
  public static class WriteAndCancel {
    private final Race race = new SendRaces.WriteAndCancel();

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
    private final Race race = new SendRaces.EndAndCancel();

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
  public static class EndAndFinish {
    private final Race race = new SendRaces.EndAndFinish();

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
  public static class DrainAndSend {
    private final Race race = new SendRaces.DrainAndSend();

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
  public static class SendersWithoutLoop {
    private final Race race = new SendRaces.SendersWithoutLoop();

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
