package io.github.websocketnetty.conversation;

import io.github.websocketnetty.protocol.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes random programs; the same one for the same seed. */
final class Generator {
  private static final int[] LENGTHS = {0, 1, 5, 20, 125, 126, 1_000, 5_000};
  private static final int[] LONG = {65_535, 65_536, 20_000, 70_000};
  private static final int[] TIMES = {
    0, 0, 1, 3, 10, 100, 990, 1_000, 2_000, 5_000, 10_000, 25_000
  };
  private static final List<Act> FAULTS =
      List.of(
          Faults.HOLD,
          Faults.HOLD,
          Faults.RELEASE,
          Faults.RELEASE,
          Faults.FIN,
          Faults.RESET,
          Faults.DROP);
  private static final List<Act> TROUBLES =
      List.of(
          Sends.ABORT,
          Sends.CANCEL_SEND,
          Sends.CANCEL_SEND,
          Sends.BAD_TEXT,
          Pumps.ITERABLE_FAILING,
          Pumps.PUBLISHER_FAILING,
          Broadcasts.TO_ONE_OR_CLOSE,
          Broadcasts.TO_ALL_OR_CLOSE,
          Receives.STRING);
  private static final List<Act> CLOSES =
      List.of(Controls.CLOSE, Controls.CLOSE, Controls.CLOSE_CANCELLED);
  private static final List<Act> CONTROLS =
      List.of(
          Controls.PING, Controls.PING, Controls.CANCEL_PING, Controls.PONG, Controls.WAIT_CLOSED);
  private static final List<Act> LATER = List.of(Pumps.ITERABLE_LATER, Pumps.PUBLISHER_LATER);
  private static final List<Act> WIRE = List.of(Faults.DELAY, Faults.CUT, Faults.CAPACITY);

  private final Random random;
  private final Program program = new Program();
  private final boolean isTame;
  private final boolean isLong;
  private final List<Act> sends = new ArrayList<>();
  private final List<Act> receives = new ArrayList<>();

  private Generator(long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L);
    isTame = random.nextInt(3) == 0;
    isLong = random.nextInt(8) == 0;
    for (Sends send : Sends.values()) {
      if (send.isTame()) {
        sends.add(send);
      }
    }
    for (Pumps pump : Pumps.values()) {
      if (pump.isTame()) {
        sends.add(pump);
      }
    }
    for (Broadcasts broadcast : Broadcasts.values()) {
      if (broadcast.isTame()) {
        sends.add(broadcast);
      }
    }
    sends.addAll(List.of(Sends.WRITE, Sends.WRITE, Sends.FINISH));
    for (Receives receive : Receives.values()) {
      if (receive.isTame()) {
        receives.add(receive);
      }
    }
    receives.addAll(List.of(Receives.RECV, Receives.NEXT, Receives.NEXT, Receives.CANCEL));
  }

  static Program program(long seed) {
    return new Generator(seed).make();
  }

  private Program make() {
    if (random.nextInt(3) == 0) {
      program.compressed(1 + random.nextInt(2));
    }
    for (Side side : Side.values()) {
      options(side);
    }
    int steps = 2 + random.nextInt(random.nextBoolean() ? 10 : 40);
    for (int i = 0; i < steps; i++) {
      Side side = random.nextBoolean() ? Side.CLIENT : Side.SERVER;
      Act act = act();
      add(side, act);
      follow(side, act);
    }
    return program;
  }

  /** Adds what is worth to be tried behind an act, and would come there too seldom by chance. */
  private void follow(Side side, Act act) {
    if (act == Controls.PING && random.nextBoolean()) {
      // A pong completes its future within a read, in which others may stand before and behind.
      program.steps().add(step(side, one(receives)).continuation(true));
    } else if (LATER.contains(act) && !isTame && random.nextInt(2) == 0) {
      program.steps().add(new Step(side, Faults.PASS, pick(0, 3, 5, 10), 0, false, false));
      if (random.nextInt(3) == 0) {
        giveUpBehind(side);
      } else {
        add(side, Sends.CANCEL_SEND);
      }
    } else if (act == Sends.WRITE && !isTame && random.nextInt(8) == 0) {
      add(side, Sends.ABORT);
    }
  }

  private void options(Side side) {
    maybe(side, Option.MAX_QUEUE, 0, 1, 2, 4);
    maybe(side, Option.MAX_QUEUE_BYTES, 0, 10, 1_000);
    maybe(side, Option.WRITE_LIMIT, 0, 1, 50, 1_000);
    maybe(side, Option.MAX_PENDING_SEND_BYTES, 0, 10, 1_000);
    maybe(side, Option.CLOSE_TIMEOUT, isTame ? 4_000 : 1, isTame ? 3_000 : 500, 3_000);
    maybe(side, Option.PING_INTERVAL, 0, 1_000, isTame ? 0 : 5_000);
    maybe(side, Option.PING_TIMEOUT, 0, isTame ? 0 : 1_000, isTame ? 25_000 : 5_000);
    if (!isTame && random.nextInt(4) == 0) {
      maybe(side, Option.MAX_MESSAGE_SIZE, 3, 100, 1_000);
    }
  }

  private void maybe(Side side, Option option, int... values) {
    if (random.nextInt(4) == 0) {
      program.options(side).put(option, values[random.nextInt(values.length)]);
    }
  }

  /** Another message may have begun, behind which this one has not when it is given up. */
  private void giveUpBehind(Side side) {
    for (Act act : List.of(Sends.OPEN_TEXT, Sends.WRITE, Sends.ABORT)) {
      program.steps().add(step(side, act));
    }
    program.steps().add(new Step(side, Faults.PASS, pick(5, 20), 0, false, false));
  }

  private Act act() {
    int dice = random.nextInt(100);
    if (dice < 22) {
      return Faults.PASS;
    }
    if (dice < 50) {
      return one(sends);
    }
    if (dice < 74) {
      return one(receives);
    }
    if (dice < 80) {
      return one(CONTROLS);
    }
    if (dice < 86 || isTame) {
      return one(WIRE);
    }
    return one(dice < 91 ? FAULTS : dice < 96 ? TROUBLES : CLOSES);
  }

  private Act one(List<Act> acts) {
    return acts.get(random.nextInt(acts.size()));
  }

  private void add(Side side, Act act) {
    Step step = step(side, act);
    boolean isOfWire = act instanceof Faults;
    program
        .steps()
        .add(
            step.elsewhere(!isOfWire && random.nextInt(5) == 0)
                .continuation(act != Faults.PASS && random.nextInt(10) == 0));
  }

  private Step step(Side side, Act act) {
    return new Step(side, act, first(act), second(act), false, false);
  }

  private int first(Act act) {
    if (act == Faults.CAPACITY) {
      return pick(300, 1_000, 10_000, Integer.MAX_VALUE);
    }
    if (act == Faults.CUT) {
      return pick(1, 2, 3, 7, 100, 65_536);
    }
    if (act == Faults.DELAY) {
      return isTame ? pick(0, 1, 5, 30) : pick(0, 1, 5, 50, 300);
    }
    if (act == Faults.PASS) {
      int time = TIMES[random.nextInt(TIMES.length)];
      return isTame ? time % 5_000 : time;
    }
    if (act == Receives.TIMEOUT || act == Receives.FOR_EACH_ASYNC) {
      return pick(0, 1, 5, isTame ? 20 : 100);
    }
    if (act instanceof Receives) {
      return random.nextInt(5);
    }
    if (act == Sends.BURST) {
      return pick(3, 10, 30);
    }
    if (act == Sends.CANCEL_SEND) {
      return random.nextInt(2);
    }
    if (act instanceof Controls) {
      return random.nextInt(126);
    }
    return isLong && random.nextInt(4) == 0
        ? LONG[random.nextInt(LONG.length)]
        : LENGTHS[random.nextInt(LENGTHS.length)];
  }

  private int second(Act act) {
    if (act == Controls.CLOSE) {
      return pick(0, 0, 5, 123);
    }
    if (act == Receives.FOR_EACH_ASYNC) {
      return pick(0, 0, 0, 2);
    }
    if (act instanceof Pumps) {
      return random.nextInt(Outbox.MOST_ITEMS);
    }
    return act instanceof Sends || act instanceof Broadcasts || act instanceof Controls
        ? random.nextInt(3)
        : 0;
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }
}
