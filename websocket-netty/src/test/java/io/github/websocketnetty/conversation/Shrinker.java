package io.github.websocketnetty.conversation;

import io.github.websocketnetty.protocol.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a program that fails as small as it can be while it fails. */
final class Shrinker {
  private static final int MOST_TRIES = 5_000;

  private final Predicate<Program> fails;
  private Program smallest;
  private int tries;

  private Shrinker(Program program, Predicate<Program> fails) {
    smallest = program;
    this.fails = fails;
  }

  /** Returns the smallest program that was found to fail. */
  static Program shrink(Program program, Predicate<Program> fails) {
    Shrinker shrinker = new Shrinker(program, fails);
    boolean isSmaller = true;
    while (isSmaller && shrinker.tries < MOST_TRIES) {
      isSmaller = shrinker.dropSteps() | shrinker.dropOptions() | shrinker.simplifySteps();
    }
    return shrinker.smallest;
  }

  private boolean isBetter(Program candidate) {
    tries++;
    if (tries > MOST_TRIES || !fails.test(candidate)) {
      return false;
    }
    smallest = candidate;
    return true;
  }

  private boolean dropSteps() {
    boolean isSmaller = false;
    for (int size = Math.max(1, smallest.steps().size() / 2); size > 0; size /= 2) {
      for (int from = smallest.steps().size() - size; from >= 0; from -= size) {
        List<Step> fewer = new ArrayList<>(smallest.steps());
        fewer.subList(from, Math.min(fewer.size(), from + size)).clear();
        isSmaller |= isBetter(smallest.with(fewer));
        from = Math.min(from, smallest.steps().size());
      }
    }
    return isSmaller;
  }

  private boolean dropOptions() {
    boolean isSmaller =
        smallest.deflate() != 0 && isBetter(smallest.with(smallest.steps()).compressed(0));
    for (Side side : Side.values()) {
      for (Option option : List.copyOf(smallest.options(side).keySet())) {
        Program usual = smallest.with(smallest.steps());
        usual.options(side).remove(option);
        isSmaller |= isBetter(usual);
      }
    }
    return isSmaller;
  }

  private boolean simplifySteps() {
    boolean isSmaller = false;
    for (int i = 0; i < smallest.steps().size(); i++) {
      Step step = smallest.steps().get(i);
      isSmaller |= step.isElsewhere() && replace(i, smallest.steps().get(i).elsewhere(false));
      isSmaller |= step.isContinuation() && replace(i, smallest.steps().get(i).continuation(false));
      isSmaller |= simplifyNumbers(i);
    }
    return isSmaller;
  }

  private boolean simplifyNumbers(int index) {
    boolean isSmaller = false;
    Step step = smallest.steps().get(index);
    for (int a : new int[] {0, 1, step.a() / 2, step.a() - 1}) {
      Step now = smallest.steps().get(index);
      isSmaller |= a >= 0 && a < now.a() && replace(index, now.with(a, now.b()));
    }
    for (int b : new int[] {0, 1, step.b() - 1}) {
      Step now = smallest.steps().get(index);
      isSmaller |= b >= 0 && b < now.b() && replace(index, now.with(now.a(), b));
    }
    return isSmaller;
  }

  private boolean replace(int index, Step step) {
    List<Step> steps = new ArrayList<>(smallest.steps());
    steps.set(index, step);
    return isBetter(smallest.with(steps));
  }
}
