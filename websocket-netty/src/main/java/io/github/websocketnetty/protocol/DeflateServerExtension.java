package io.github.websocketnetty.protocol;

import static io.github.websocketnetty.protocol.DeflateParameters.ABSENT;
import static io.github.websocketnetty.protocol.DeflateParameters.ANY;
import static io.github.websocketnetty.protocol.DeflateParameters.LARGEST_WINDOW_BITS;

import java.util.List;

/** The server's decisions about offers of permessage-deflate. */
final class DeflateServerExtension implements ServerExtension {
  private final DeflateOptions options;

  DeflateServerExtension(DeflateOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return DeflateParameters.NAME;
  }

  @Override
  public int rsv() {
    return MessageInflater.RSV1;
  }

  @Override
  public Extension accept(Extension offer, List<Extension> accepted) {
    DeflateParameters asked = DeflateParameters.ofOffer(offer);
    if (accepted.stream().anyMatch(extension -> extension.name().equals(name()))) {
      throw DeflateParameters.refusal("skipped duplicate " + name());
    }
    int serverBits = asked.serverMaxWindowBits();
    if (serverBits != ABSENT && serverBits < LARGEST_WINDOW_BITS) {
      // The JDK's compressor has one window only, so this promise would be broken.
      throw DeflateParameters.refusal("unsupported server_max_window_bits: " + serverBits);
    }
    return new DeflateParameters(
            asked.serverNoContextTakeover() || !options.serverContextTakeover(),
            asked.clientNoContextTakeover() || !options.clientContextTakeover(),
            serverBits,
            clientBits(asked.clientMaxWindowBits(), options.peerWindowBits()))
        .toExtension();
  }

  /** Returns whether an answer that others have made fits an offer, and can be kept to. */
  boolean fits(Extension answer, Extension offer, List<Extension> accepted) {
    DeflateParameters asked = DeflateParameters.ofOffer(offer);
    DeflateParameters promised = DeflateParameters.ofAnswer(answer);
    // Not more than could be negotiated with a client that asks for just this window of ours.
    int serverBits = promised.serverMaxWindowBits();
    accept(new DeflateParameters(false, false, serverBits, ABSENT).toExtension(), accepted);
    return (promised.serverNoContextTakeover() || !asked.serverNoContextTakeover())
        && isWithin(serverBits, asked.serverMaxWindowBits(), true)
        && isWithin(promised.clientMaxWindowBits(), asked.clientMaxWindowBits(), false);
  }

  private static boolean isWithin(int promised, int asked, boolean mayVolunteer) {
    if (asked == ABSENT) {
      return promised == ABSENT || mayVolunteer;
    }
    if (promised == ABSENT) {
      return !mayVolunteer; // what is asked of the server is a demand
    }
    return asked == ANY || promised <= asked;
  }

  /** A client that offers nothing may not be asked for anything. */
  private static int clientBits(int offered, int wanted) {
    if (offered == ABSENT) {
      return ABSENT;
    }
    if (offered == ANY) {
      return wanted == LARGEST_WINDOW_BITS ? ABSENT : wanted;
    }
    return Math.min(offered, wanted);
  }
}
