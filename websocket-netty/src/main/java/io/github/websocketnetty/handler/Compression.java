package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.DeflateParameters;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.Side;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the options of a handshake say about compression.
 *
 * @param options null for none
 */
record Compression(DeflateOptions options) {
  /** Compresses unless one of the user's extensions has that name. */
  static Compression unless(DeflateOptions wanted, Stream<String> names) {
    return new Compression(names.anyMatch(DeflateParameters.NAME::equals) ? null : wanted);
  }

  /** Returns what was agreed, or null. */
  DeflateAgreement agreement(Side side, List<Extension> accepted) {
    if (options == null) {
      return null;
    }
    for (Extension extension : accepted) {
      if (extension.name().equals(DeflateParameters.NAME)) {
        return options.agreement(side, extension);
      }
    }
    return null;
  }
}
