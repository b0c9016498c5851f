package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The four parameters of permessage-deflate as they stand in an offer or an answer. Immutable.
 *
 * @param serverNoContextTakeover whether the server starts each message with an empty window
 * @param clientNoContextTakeover whether the client starts each message with an empty window
 * @param serverMaxWindowBits the base-2 logarithm of the server's window, or {@link #ABSENT}
 * @param clientMaxWindowBits the base-2 logarithm of the client's window, {@link #ABSENT}, or in an
 *     offer {@link #ANY}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.1">RFC 7692, section 7.1</a>
 */
public record DeflateParameters(
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    int serverMaxWindowBits,
    int clientMaxWindowBits) {
  /** The name of the extension. */
  public static final String NAME = "permessage-deflate";

  /** The parameter is not there. */
  public static final int ABSENT = 0;

  /** The parameter is there without a value: any is welcome. */
  public static final int ANY = -1;

  /** The smallest window, of 256 bytes. */
  public static final int SMALLEST_WINDOW_BITS = 8;

  /** The largest window, of 32 KiB. */
  public static final int LARGEST_WINDOW_BITS = 15;

  private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
  private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
  private static final String SERVER_BITS = "server_max_window_bits";
  private static final String CLIENT_BITS = "client_max_window_bits";

  /**
   * Checks the windows.
   *
   * @throws IllegalArgumentException if one is neither 8 to 15 nor a constant that it may be
   */
  public DeflateParameters {
    checkBits("serverMaxWindowBits", serverMaxWindowBits);
    if (clientMaxWindowBits != ANY) {
      checkBits("clientMaxWindowBits", clientMaxWindowBits);
    }
  }

  private static void checkBits(String name, int bits) {
    if (bits != ABSENT) {
      DeflateOptions.checkWindow(name, bits);
    }
  }

  /**
   * Reads an offer.
   *
   * @throws HandshakeException with {@link Reason#NEGOTIATION} if a parameter is unknown, repeated,
   *     or has a value that it may not have
   */
  public static DeflateParameters ofOffer(Extension offer) {
    Objects.requireNonNull(offer, "offer");
    return read(offer, true);
  }

  /**
   * Reads an answer.
   *
   * @throws HandshakeException with {@link Reason#NEGOTIATION} if a parameter is unknown, repeated,
   *     or has a value that it may not have
   */
  public static DeflateParameters ofAnswer(Extension answer) {
    Objects.requireNonNull(answer, "answer");
    return read(answer, false);
  }

  private static DeflateParameters read(Extension extension, boolean offer) {
    boolean serverNoContext = false;
    boolean clientNoContext = false;
    int serverBits = ABSENT;
    int clientBits = ABSENT;
    Set<String> seen = new HashSet<>();
    for (Extension.Parameter parameter : extension.parameters()) {
      if (!seen.add(parameter.name())) {
        throw refusal("duplicate parameter: " + parameter.name());
      }
      switch (parameter.name()) {
        case SERVER_NO_CONTEXT -> serverNoContext = flag(parameter);
        case CLIENT_NO_CONTEXT -> clientNoContext = flag(parameter);
        case SERVER_BITS -> serverBits = bits(parameter);
        case CLIENT_BITS -> clientBits = offer && parameter.value() == null ? ANY : bits(parameter);
        default -> throw refusal("invalid parameter name: " + parameter.name());
      }
    }
    return new DeflateParameters(serverNoContext, clientNoContext, serverBits, clientBits);
  }

  private static boolean flag(Extension.Parameter parameter) {
    if (parameter.value() != null) {
      throw invalidValue(parameter);
    }
    return true;
  }

  /** Only the plain decimal numbers, so no leading zero. */
  private static int bits(Extension.Parameter parameter) {
    for (int bits = SMALLEST_WINDOW_BITS; bits <= LARGEST_WINDOW_BITS; bits++) {
      if (Integer.toString(bits).equals(parameter.value())) {
        return bits;
      }
    }
    throw invalidValue(parameter);
  }

  private static HandshakeException invalidValue(Extension.Parameter parameter) {
    return refusal("invalid value for parameter " + parameter.name() + ": " + parameter.value());
  }

  static HandshakeException refusal(String why) {
    return new HandshakeException(Reason.NEGOTIATION, why);
  }

  /** Returns the parameters as an element of the header. */
  public Extension toExtension() {
    List<Extension.Parameter> parameters = new ArrayList<>();
    if (serverNoContextTakeover) {
      parameters.add(new Extension.Parameter(SERVER_NO_CONTEXT, null));
    }
    if (clientNoContextTakeover) {
      parameters.add(new Extension.Parameter(CLIENT_NO_CONTEXT, null));
    }
    addBits(parameters, SERVER_BITS, serverMaxWindowBits);
    addBits(parameters, CLIENT_BITS, clientMaxWindowBits);
    return new Extension(NAME, parameters);
  }

  private static void addBits(List<Extension.Parameter> parameters, String name, int bits) {
    if (bits != ABSENT) {
      parameters.add(new Extension.Parameter(name, bits == ANY ? null : Integer.toString(bits)));
    }
  }
}
