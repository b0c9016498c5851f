package io.github.websocketnetty;

import java.util.List;
import java.util.Objects;

/**
 * What became of a broadcast. Nobody has waited for slow connections.
 *
 * @param sent the connections to which the message was handed over, and whose write has not failed:
 *     up to {@code writeLimit} bytes of it may not have left yet, as with {@link
 *     Connection#send(String)}
 * @param queued the connections for which it waits, as {@link SlowReceivers#QUEUE} says; under any
 *     policy also those over which something is being sent just now, on this thread, so that it
 *     comes next: in the completion of a send
 * @param skipped those that do not get it, in no particular order
 */
public record BroadcastResult(int sent, int queued, List<Skipped> skipped) {
  /** Copies the list. */
  public BroadcastResult {
    skipped = List.copyOf(Objects.requireNonNull(skipped, "skipped"));
  }

  /** Why a connection does not get a message. */
  public enum Reason {
    /** It is closed or closing. */
    CLOSED,

    /** Its peer reads too slowly; under {@link SlowReceivers#CLOSE} it is failed now. */
    SLOW,

    /** A message is being sent in fragments, and the policy is not to wait. */
    FRAGMENTED,

    /** As much waits to be sent as its options allow. */
    FULL,

    /** Writing failed, with which the connection fails. */
    FAILED
  }

  /**
   * A connection that does not get the message.
   *
   * @param cause what went wrong, if the reason is {@link Reason#FAILED}, else null
   */
  public record Skipped(Connection connection, Reason reason, Throwable cause) {
    /** Checks that all but the cause is there. */
    public Skipped {
      Objects.requireNonNull(connection, "connection");
      Objects.requireNonNull(reason, "reason");
    }
  }
}
