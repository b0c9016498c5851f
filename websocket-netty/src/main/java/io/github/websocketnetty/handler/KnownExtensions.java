package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.Side;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The extensions with handlers that the options of a handshake name, by their names. Not
 * thread-safe while it is filled.
 */
final class KnownExtensions {
  private static final int ALL_BITS = 7;

  private record Known(int rsv, ExtensionHandlerFactory handlers) {}

  private final Map<String, Known> known = new HashMap<>();

  KnownExtensions() {}

  KnownExtensions(KnownExtensions other) {
    known.putAll(other.known);
  }

  /**
   * Checks the name of an extension, which its author wrote.
   *
   * @throws IllegalArgumentException if it is no token, so that no client could offer it
   */
  static String checkName(String name) {
    return new Extension(Objects.requireNonNull(name, "name of the extension"), List.of()).name();
  }

  /**
   * Checks the reserved bits that an extension claims.
   *
   * @throws IllegalArgumentException if there are more than three
   */
  static void checkBits(String name, int rsv) {
    if ((rsv & ~ALL_BITS) != 0) {
      throw new IllegalArgumentException(
          "reserved bits of extension " + name + " are " + rsv + ", must be 0 to 7");
    }
  }

  /**
   * Checks an extension that comes without handlers.
   *
   * @throws IllegalArgumentException if it claims bits, to which only handlers can give a meaning
   */
  static void checkWithoutHandlers(String name, int rsv) {
    if (rsv != 0) {
      throw new IllegalArgumentException(
          "extension " + name + " claims reserved bits " + rsv + ", so it needs handlers");
    }
  }

  /**
   * Adds an extension, maybe a further one of the same name with other parameters.
   *
   * @throws IllegalArgumentException if the bits are wrong, or one of that name has other handlers
   *     or other bits
   */
  void add(String name, int rsv, ExtensionHandlerFactory handlers) {
    checkBits(name, rsv);
    Known added = new Known(rsv, handlers);
    Known before = known.putIfAbsent(name, added);
    if (before != null && !before.equals(added)) {
      throw new IllegalArgumentException(
          "extension " + name + " was added before with other handlers or other reserved bits");
    }
  }

  /** Returns what is to be installed for the extensions of a response, in its order. */
  AgreedExtensions agreed(Side side, List<Extension> accepted, Compression compression) {
    AgreedExtensions agreed = AgreedExtensions.none();
    for (Extension extension : accepted) {
      Known found = known.get(extension.name());
      agreed =
          found != null
              ? agreed.and(extension, found.rsv(), found.handlers())
              : agreed.and(compression.agreement(side, List.of(extension)));
    }
    return agreed;
  }
}
