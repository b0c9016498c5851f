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
    return new DeflateParameters(
            asked.serverNoContextTakeover() || !options.serverContextTakeover(),
            asked.clientNoContextTakeover() || !options.clientContextTakeover(),
            serverBits(asked.serverMaxWindowBits(), options.windowBits()),
            clientBits(asked.clientMaxWindowBits(), options.peerWindowBits()))
        .toExtension();
  }

  /** Returns whether an answer that others have made fits an offer, and can be kept to. */
  boolean fits(Extension answer, Extension offer, List<Extension> accepted) {
    DeflateParameters asked = DeflateParameters.ofOffer(offer);
    DeflateParameters promised = DeflateParameters.ofAnswer(answer);
    accept(offer, accepted); // refuses a second one
    return (promised.serverNoContextTakeover() || !asked.serverNoContextTakeover())
        && isWithin(promised.serverMaxWindowBits(), asked.serverMaxWindowBits(), true)
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

  /** A smaller window is announced also to a client that did not ask: it needs less memory then. */
  private static int serverBits(int asked, int own) {
    if (asked == ABSENT) {
      return own == LARGEST_WINDOW_BITS ? ABSENT : own;
    }
    return Math.min(asked, own);
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
