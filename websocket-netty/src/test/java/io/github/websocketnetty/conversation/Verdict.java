package io.github.websocketnetty.conversation;

import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.ConnectionClosedOkException;
import io.github.websocketnetty.ConnectionInsides;
import io.github.websocketnetty.SendQueueFullException;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ProtocolException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** Judges a conversation that is over, by what was on the wire. */
final class Verdict {
  private static final Set<Integer> OK = Set.of(1000, 1001, 1005);

  private final Program program;
  private final Conversation talk;

  Verdict(Program program, Conversation talk) {
    this.program = program;
    this.talk = talk;
  }

  void check(Party client, Party server) {
    for (Party party : List.of(client, server)) {
      party.checkOver();
      checkSent(party);
      checkReceived(party, talk.other(party));
      checkEnd(party, talk.other(party));
    }
    if (client.end() != null && server.end() != null) {
      checkAgreement(client, server);
    }
  }

  /** Each message on the wire is one that was sent, once and in order. */
  private void checkSent(Party party) {
    List<Outgoing> sent = party.outbox.messages();
    int ordered = -1;
    for (FrameTap.Heard heard : party.channel.out().tap().messages()) {
      int index = find(sent, heard, ordered);
      if (index < 0) {
        party.complain("on the wire, but not sent or not in this order: " + describe(heard));
        return;
      }
      sent.get(index).isHeard = true;
      if (sent.get(index).kind != Outgoing.Kind.PUMPED) {
        ordered = Math.max(ordered, index);
      }
    }
    // Who answers may be reset before the answer is out, and what stands before it.
    boolean isFlushed =
        program.isTame()
            || party.end() instanceof ConnectionClosedOkException
                && !party.end().receivedThenSent().orElse(true);
    for (Outgoing message : sent) {
      if (message.isSent() && !message.isEmpty() && !message.isHeard && isFlushed) {
        party.complain("said to be sent, but not on the wire: " + message);
      }

      if (program.isTame() && !message.isSent() && !isRefused(message) && !message.isLate) {
        party.complain("not sent although nothing went wrong: " + message);
      }
    }
  }

  private static int find(List<Outgoing> sent, FrameTap.Heard heard, int ordered) {
    for (int i = 0; i < sent.size(); i++) {
      Outgoing message = sent.get(i);
      int latest = Math.max(i, sent.indexOf(message.latest));
      boolean isTurn = message.kind == Outgoing.Kind.PUMPED || latest >= ordered;
      if (isTurn && !message.isHeard && !isRefused(message) && message.is(heard)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isRefused(Outgoing message) {
    if (message.isSkipped) {
      return true;
    }
    if (message.result == null || !message.result.isCompletedExceptionally()) {
      return false;
    }
    try {
      message.result.join();
      return false;
    } catch (CompletionException failed) {
      return failed.getCause() instanceof SendQueueFullException;
    } catch (RuntimeException cancelled) {
      return false;
    }
  }

  /** What was received is what was on the wire, from its beginning. */
  private void checkReceived(Party party, Party peer) {
    List<FrameTap.Heard> onWire = peer.channel.out().tap().messages();
    List<Incoming> received = party.inbox.received();
    int refused = 0; // they are lost, and the connection fails
    for (int i = 0; i < received.size(); i++) {
      Incoming message = received.get(i);
      while (i + refused < onWire.size()
          && !message.is(onWire.get(i + refused))
          && isNoText(onWire.get(i + refused))
          && refused < party.inbox.mostRefused()) {
        refused++;
      }
      if (i + refused >= onWire.size()) {
        if (message.isWhole() || i + refused > onWire.size()) {
          party.complain("received, but not on the wire: " + message);
        }
        break;
      }
      if (!message.is(onWire.get(i + refused))) {
        party.complain("message " + i + " is " + message + ", was " + describe(onWire.get(i)));
        return;
      }
    }
    long arrived = party.channel.in().consumed();
    long whole = onWire.stream().filter(each -> each.end() <= arrived).count();
    for (int i = received.size() + refused; i < whole && isNoText(onWire.get(i)); i++) {
      refused += refused < party.inbox.mostRefused() ? 1 : 0;
    }
    if (received.size() + refused < whole && mustReceiveAll(party)) {
      party.complain("received only " + received.size() + " of the " + whole + " that arrived");
    }
  }

  private static boolean isNoText(FrameTap.Heard heard) {
    String text = new String(heard.content(), StandardCharsets.UTF_8);
    return !Arrays.equals(Content.utf8(text), heard.content());
  }

  private boolean mustReceiveAll(Party party) {
    ConnectionClosedException end = party.end();
    if (end == null) {
      return true;
    }
    if (party.isClosing && ConnectionInsides.droppedFrames(party.connection) > 0) {
      // From the call on only so much is kept, whether our close frame ever leaves or not, and also
      // if that of the peer is behind.
      return false;
    }
    boolean hasLeftFirst =
        end.sent().isPresent()
            ? !end.receivedThenSent().orElse(false)
            : !(end.getCause() instanceof EOFException); // its close frame may not have got out
    boolean hasFailed = end.getCause() != null || !party.isClosing;
    return !(hasLeftFirst && hasFailed);
  }

  /** What is said about the end is what was on the wire. */
  private void checkEnd(Party party, Party peer) {
    ConnectionClosedException end = party.end();
    if (end == null) {
      party.complain("nobody was told of the end");
      return;
    }
    byte[] mine = party.channel.out().tap().close();
    byte[] others = peer.channel.out().tap().close();
    CloseStatus received = end.received().orElse(null);
    CloseStatus sent = end.sent().orElse(null);
    boolean isSentTrue = mine == null ? sent == null : isSame(sent, mine);
    if (received != null && !isSame(received, others) || !isSentTrue) {
      party.complain("the wire saw another end than " + end);
    }
    boolean isOk =
        received != null
            && sent != null
            && OK.contains(received.code())
            && OK.contains(sent.code());
    if (isOk != end instanceof ConnectionClosedOkException) {
      party.complain("wrong kind of " + end);
    }
    boolean isAnswer = end.receivedThenSent().orElse(false);
    if (isSame(sent, mine) && !isAnswer && party.channel.out().tap().isMessageOpen()) {
      if (OK.contains(sent.code())) {
        party.complain("closed well within a message");
      }
    }
    int code = received == null ? 1006 : received.code();
    String reason = received == null ? "" : received.reason();
    if (party.connection.closeCode().orElse(0) != code
        || !party.connection.closeReason().orElse("none").equals(reason)) {
      party.complain("wrong close code " + party.connection.closeCode() + " for " + end);
    }
    Throwable cause = end.getCause();
    if (cause instanceof TimeoutException
        && cause.getMessage().contains("while closing")
        && !party.channel.out().wasReset()) {
      party.complain("took too long to close, and was not reset");
    }
    boolean isKnown =
        cause == null
            || cause instanceof IOException
            || cause instanceof TimeoutException
            || cause instanceof ProtocolException
            || cause instanceof Outbox.Trouble
            || cause instanceof CancellationException
            || cause.getMessage().equals("close during fragmented message");
    if (!isKnown) {
      party.complain("caused by " + cause);
    }
  }

  private static boolean isSame(CloseStatus status, byte[] close) {
    return status != null
        && close != null
        && status.code() == FrameTap.code(close)
        && status.reason().equals(FrameTap.reason(close));
  }

  /** CLOSE-34, where nothing came in between. */
  private void checkAgreement(Party client, Party server) {
    boolean isClientOk = client.end() instanceof ConnectionClosedOkException;
    boolean isServerOk = server.end() instanceof ConnectionClosedOkException;
    boolean isUndisturbed = client.end().getCause() == null && server.end().getCause() == null;
    if (isClientOk != isServerOk && isUndisturbed) {
      talk.complain("no agreement: " + client.end() + " and " + server.end());
    }
    if (program.isTame() && !(isClientOk && isServerOk)) {
      talk.complain("not OK although nothing went wrong: " + client.end() + ", " + server.end());
    }
  }

  private static String describe(FrameTap.Heard heard) {
    return heard.type() + " of " + heard.content().length + " bytes in " + heard.frames();
  }
}
