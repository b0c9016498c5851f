package io.github.websocketnetty.conversation;

import io.github.websocketnetty.protocol.Side;

/**
 * One step of a program.
 *
 * @param side whose step it is
 * @param a the first number for the act
 * @param b the second one
 * @param isElsewhere whether it is done on another thread than the event loop
 * @param isContinuation whether it is done when the side's last future completes
 */
record Step(Side side, Act act, int a, int b, boolean isElsewhere, boolean isContinuation) {
  Step with(int newA, int newB) {
    return new Step(side, act, newA, newB, isElsewhere, isContinuation);
  }

  Step elsewhere(boolean newElsewhere) {
    return new Step(side, act, a, b, newElsewhere, isContinuation);
  }

  Step continuation(boolean newContinuation) {
    return new Step(side, act, a, b, isElsewhere, newContinuation);
  }

  /** Returns it as it stands in a program. */
  @Override
  public String toString() {
    String numbers = b != 0 ? ", " + a + ", " + b : a != 0 ? ", " + a : "";
    return (side == Side.CLIENT ? ".client(" : ".server(")
        + ((Enum<?>) act).getDeclaringClass().getSimpleName()
        + "."
        + act.name()
        + numbers
        + ")"
        + (isElsewhere ? ".elsewhere()" : "")
        + (isContinuation ? ".whenDone()" : "");
  }
}
