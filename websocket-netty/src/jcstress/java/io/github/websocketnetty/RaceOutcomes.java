package io.github.websocketnetty;

import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.Outcome;

/** What jcstress is to make of the outcome of a {@link Race}. */
@Outcome(id = "BROKEN.*", expect = Expect.FORBIDDEN, desc = "nothing that may come of it")
@Outcome(expect = Expect.ACCEPTABLE, desc = "allowed")
public final class RaceOutcomes {
  private RaceOutcomes() {}
}
