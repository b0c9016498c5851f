package io.github.websocketnetty.protocol;

import java.util.List;

/** An extension that a client can speak: offers itself and checks what the server accepted. */
public interface ClientExtension {
  /** Returns what to write into the request. */
  Extension offer();

  /**
   * Returns the reserved bits to which the extension gives a meaning, RSV1 being 4, RSV2 being 2
   * and RSV3 being 1; by default 0, for none. Always the same.
   *
   * <p>A response that accepts two extensions which claim the same bit, or one name twice, fails
   * the handshake. Offering both is allowed: the server chooses.
   */
  default int rsv() {
    return 0;
  }

  /**
   * Decides whether the server's answer fits what was offered. Called on the event loop; must not
   * block.
   *
   * @param answer an accepted extension of the name that was {@linkplain #offer() offered}
   * @param accepted what was accepted before it in this response
   * @return whether the connection can use it; if no extension can, the handshake fails
   * @throws HandshakeException with {@link HandshakeException.Reason#NEGOTIATION}, instead of
   *     returning {@code false}
   */
  boolean accept(Extension answer, List<Extension> accepted);
}
