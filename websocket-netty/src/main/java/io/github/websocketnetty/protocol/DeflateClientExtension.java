package io.github.websocketnetty.protocol;

import static io.github.websocketnetty.protocol.DeflateParameters.ABSENT;
import static io.github.websocketnetty.protocol.DeflateParameters.ANY;
import static io.github.websocketnetty.protocol.DeflateParameters.LARGEST_WINDOW_BITS;

import java.util.List;

/** The client's offer of permessage-deflate and its decision about the answer. */
final class DeflateClientExtension implements ClientExtension {
  private final DeflateParameters asked;

  DeflateClientExtension(DeflateOptions options) {
    int serverBits = options.peerWindowBits();
    int ownBits = options.windowBits();
    asked =
        new DeflateParameters(
            !options.serverContextTakeover(),
            !options.clientContextTakeover(),
            serverBits == LARGEST_WINDOW_BITS ? ABSENT : serverBits,
            ownBits == LARGEST_WINDOW_BITS ? ANY : ownBits);
  }

  @Override
  public Extension offer() {
    return asked.toExtension();
  }

  @Override
  public int rsv() {
    return MessageInflater.RSV1;
  }

  @Override
  public boolean accept(Extension answer, List<Extension> accepted) {
    DeflateParameters agreed = DeflateParameters.ofAnswer(answer);
    if (accepted.stream().anyMatch(e -> e.name().equals(DeflateParameters.NAME))) {
      throw DeflateParameters.refusal("received duplicate " + DeflateParameters.NAME);
    }
    if (asked.serverNoContextTakeover() && !agreed.serverNoContextTakeover()) {
      throw DeflateParameters.refusal("expected server_no_context_takeover");
    }
    int limit = asked.clientMaxWindowBits();
    if (limit != ANY && agreed.clientMaxWindowBits() > limit) {
      throw DeflateParameters.refusal(
          "unsupported client_max_window_bits: " + agreed.clientMaxWindowBits());
    }
    checkServerBits(agreed.serverMaxWindowBits());
    return true;
  }

  private void checkServerBits(int agreed) {
    int limit = asked.serverMaxWindowBits();
    if (limit == ABSENT) {
      return;
    }
    if (agreed == ABSENT) {
      throw DeflateParameters.refusal("expected server_max_window_bits");
    }
    if (agreed > limit) {
      throw DeflateParameters.refusal("unsupported server_max_window_bits: " + agreed);
    }
  }
}
