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
