package io.github.websocketnetty.protocol;

import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;

/**
 * The closing handshake of one connection, from OPEN to CLOSED.
 *
 * <p>Events go in, each answered with the {@link Step} to perform; at most one step of a connection
 * has a status to send. Not thread-safe: the connection's event loop owns it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7">RFC 6455, section 7</a>
 */
public final class CloseHandshake {
  /**
   * What to do after an event, in the order of the components. Immutable.
   *
   * @param send the status of the close frame to send now, or null
   * @param armsTimer whether the close deadline starts, unless it has: the connection has just left
   *     OPEN, or is to leave it soon
   * @param endsOutput whether to end our half of the TCP connection right behind the close frame
   * @param closesAfterFlush whether to close TCP once everything written so far is flushed
   * @param aborts whether to drop TCP at once, together with what is not flushed
   * @param isClosed whether the connection has just become CLOSED
   */
  public record Step(
      CloseStatus send,
      boolean armsTimer,
      boolean endsOutput,
      boolean closesAfterFlush,
      boolean aborts,
      boolean isClosed) {
    /** Nothing to do. */
    public static final Step NONE = new Step(null, false, false, false, false, false);
  }

  private final boolean closesTcpFirst;
  private ConnectionState state = ConnectionState.OPEN;
  private CloseStatus received;
  private CloseStatus sending; // what a step has said to send
  private CloseStatus sent; // the same, once it was handed to the transport
  private boolean receivedFirst;
  private boolean failed;
  private boolean outputEnded;
  private Throwable cause;

  /**
   * Creates the handshake of a connection that is OPEN.
   *
   * @param side our role; the server ends TCP first
   */
  public CloseHandshake(Side side) {
    this.closesTcpFirst = Objects.requireNonNull(side, "side").closesTcpFirst();
  }

  /** We want to close. Does nothing unless the connection is OPEN: the first close wins. */
  public Step closeRequested(CloseStatus status) {
    Objects.requireNonNull(status, "status");
    if (state != ConnectionState.OPEN) {
      return Step.NONE;
    }
    return leaveOpen(status, received != null && endOutput(), false);
  }

  /**
   * The peer's close frame arrived, and it is for the application to answer it by {@link
   * #closeRequested}, within the time for closing. Until then the connection stays OPEN, though
   * nothing more is to be expected from the peer. The answer to a close frame of ours is as for
   * {@link #closeReceived}, and so are a second one, and one behind a failure.
   */
  public Step closeReceivedUnanswered(CloseStatus status) {
    if (state != ConnectionState.OPEN || isDiscardingInput()) {
      return closeReceived(status);
    }
    received = Objects.requireNonNull(status, "status");
    receivedFirst = true;
    return new Step(null, true, false, false, false, false);
  }

  /**
   * We end TCP now, without a close frame, or without waiting for the peer's. That is no failure,
   * but no good end either.
   */
  public void abandoned() {
    state = ConnectionState.CLOSED;
  }

  /**
   * The peer's close frame arrived. It is echoed unless we closed first, also in the middle of a
   * fragmented message; a second one, or one behind a failure, is ignored.
   */
  public Step closeReceived(CloseStatus status) {
    Objects.requireNonNull(status, "status");
    if (isDiscardingInput()) {
      return Step.NONE;
    }
    received = status;
    receivedFirst = state == ConnectionState.OPEN;
    if (receivedFirst) {
      return leaveOpen(status, endOutput(), false);
    }
    return new Step(null, false, endOutput(), false, false, false);
  }

  /**
   * The connection must fail: the peer broke a rule or a limit, or we met an error. Everything that
   * arrives from now on is to be discarded, the peer's close frame included.
   *
   * @param code the close code; with one that {@linkplain CloseCode#isValidOnWire may not be sent}
   *     there is no close frame and TCP is dropped
   * @param reason the reason, cut to what fits; null means none
   * @param cause what went wrong, or null
   */
  public Step failed(int code, String reason, Throwable cause) {
    return fail(code, reason, cause, false);
  }

  /**
   * The peer gave no sign of life: fails like {@link #failed} but does not wait for an answer or
   * for the end of TCP, because none is to be expected.
   *
   * @param code the close code
   * @param reason the reason, cut to what fits; null means none
   * @param cause what went wrong, or null
   */
  public Step peerSilent(int code, String reason, Throwable cause) {
    return fail(code, reason, cause, true);
  }

  /**
   * The peer's half of TCP ended, or all of it. What we have written is still flushed, but there is
   * no half-open mode: nothing more may be sent.
   */
  public Step inputEnded() {
    if (state == ConnectionState.CLOSED) {
      return Step.NONE;
    }
    if (received == null) {
      remember(new EOFException("unexpected end of stream"));
    }
    boolean wasOpen = state == ConnectionState.OPEN;
    state = ConnectionState.CLOSED;
    return new Step(null, wasOpen, false, true, false, true);
  }

  /** Reading or writing failed in a way that leaves TCP useless. */
  public Step transportFailed(Throwable cause) {
    remember(cause);
    return abort();
  }

  /**
   * The close frame of an earlier step was flushed: the transport has all of it. Only from now on
   * it counts as sent.
   */
  public void closeFlushed() {
    sent = sending;
  }

  /** The close frame of an earlier step could not be written; TCP is dropped. */
  public Step closeNotSent(Throwable cause) {
    return transportFailed(cause);
  }

  /** The time for closing is over. */
  public Step deadlineReached() {
    remember(new TimeoutException("timed out while closing connection"));
    return abort();
  }

  /** Records what went wrong without acting on it; the first cause stays. */
  public void remember(Throwable cause) {
    if (this.cause == null) {
      this.cause = cause;
    }
  }

  private Step fail(int code, String reason, Throwable cause, boolean peerSilent) {
    if (state == ConnectionState.CLOSED) {
      return Step.NONE;
    }
    remember(cause);
    failed = true;
    if (state == ConnectionState.OPEN && !CloseCode.isValidOnWire(code)) {
      return abort();
    }
    boolean ends = !peerSilent && endOutput();
    if (state == ConnectionState.OPEN) {
      return leaveOpen(CloseStatus.truncated(code, sendable(reason)), ends, peerSilent);
    }
    return new Step(null, false, ends, peerSilent, false, false);
  }

  private Step leaveOpen(CloseStatus status, boolean endsOutput, boolean closesAfterFlush) {
    state = ConnectionState.CLOSING;
    sending = status;
    return new Step(status, true, endsOutput, closesAfterFlush, false, false);
  }

  private Step abort() {
    boolean isClosed = state != ConnectionState.CLOSED;
    state = ConnectionState.CLOSED;
    return new Step(null, false, false, false, true, isClosed);
  }

  /** RFC 6455 §7.1.1: the server ends TCP first, so that the client keeps no TIME_WAIT. */
  private boolean endOutput() {
    boolean ends = closesTcpFirst && !outputEnded;
    outputEnded |= ends;
    return ends;
  }

  /** Makes any text encodable, and short enough that cutting it by characters costs nothing. */
  private static String sendable(String reason) {
    if (reason == null) {
      return "";
    }
    // A character takes at least one byte. One that the cut halves is replaced like any other
    // unpaired surrogate, and is beyond what fits.
    int end = Math.min(reason.length(), CloseStatus.MAX_REASON_BYTES + 1);
    byte[] bytes = reason.substring(0, end).getBytes(StandardCharsets.UTF_8);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Returns OPEN, CLOSING or CLOSED. */
  public ConnectionState state() {
    return state;
  }

  /** Returns what the peer's close frame said, or null if none was received. */
  public CloseStatus received() {
    return received;
  }

  /** Returns what our close frame said, or null if none was sent; see {@link #closeFlushed}. */
  public CloseStatus sent() {
    return sent;
  }

  /** Returns whether the peer's close frame came before ours; null unless there were both. */
  public Boolean receivedFirst() {
    return received == null || sent == null ? null : Boolean.valueOf(receivedFirst);
  }

  /**
   * Returns whether the peer's close frame came after a step said to send ours, so that it is the
   * answer, unless both ends closed at the same time.
   */
  public boolean isAnswered() {
    return received != null && !receivedFirst;
  }

  /** Returns the first thing that went wrong, or null. */
  public Throwable cause() {
    return cause;
  }

  /** Returns whether everything that still arrives is to be discarded, whatever it is. */
  public boolean isDiscardingInput() {
    return failed || received != null || state == ConnectionState.CLOSED;
  }

  /** Returns whether pings and pongs may be sent; data may only be sent in OPEN. */
  public boolean maySendControl() {
    return state == ConnectionState.OPEN || !isDiscardingInput();
  }

  /** Returns whether both sides closed, each with a code that says all is well. */
  public boolean isOk() {
    return isOk(received, sent);
  }

  /**
   * Returns how the connection ended, such as {@code sent 1000 (OK); no close frame received}; or
   * what our close frame says while it waits to be flushed.
   */
  public String describe() {
    if (state == ConnectionState.CLOSING && sent == null) {
      return "closing with " + sending;
    }
    return describe(received, sent, receivedFirst());
  }

  /** Returns the code the peer closed with, 1006 if it did not; empty until CLOSED. */
  public OptionalInt closeCode() {
    if (state != ConnectionState.CLOSED) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(received == null ? CloseCode.ABNORMAL_CLOSURE : received.code());
  }

  /** Returns the reason the peer closed with, {@code ""} if it gave none; empty until CLOSED. */
  public Optional<String> closeReason() {
    if (state != ConnectionState.CLOSED) {
      return Optional.empty();
    }
    return Optional.of(received == null ? "" : received.reason());
  }

  /**
   * Returns whether two statuses, either may be null for none, make a good end.
   *
   * @param received what the peer sent
   * @param sent what we sent
   */
  public static boolean isOk(CloseStatus received, CloseStatus sent) {
    return received != null && sent != null && received.isOk() && sent.isOk();
  }

  /**
   * Returns a sentence for two statuses, either may be null for none.
   *
   * @param received what the peer sent
   * @param sent what we sent
   * @param receivedFirst whether the peer was first, looked at only if neither is null
   */
  public static String describe(CloseStatus received, CloseStatus sent, Boolean receivedFirst) {
    String theirs = received == null ? null : received.toString();
    String ours = sent == null ? null : sent.toString();
    return describe(theirs, ours, receivedFirst);
  }

  /**
   * Returns a sentence for two statuses that were made to text, either may be null for none.
   *
   * @param received what the peer sent
   * @param sent what we sent
   * @param receivedFirst whether the peer was first, looked at only if neither is null
   */
  public static String describe(String received, String sent, Boolean receivedFirst) {
    if (received == null) {
      return sent == null
          ? "no close frame received or sent"
          : "sent " + sent + "; no close frame received";
    }
    if (sent == null) {
      return "received " + received + "; no close frame sent";
    }
    return Boolean.TRUE.equals(receivedFirst)
        ? "received " + received + "; then sent " + sent
        : "sent " + sent + "; then received " + received;
  }
}
