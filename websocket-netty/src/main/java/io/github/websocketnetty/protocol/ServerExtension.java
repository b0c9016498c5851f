package io.github.websocketnetty.protocol;

import java.util.List;

/** An extension that a server can speak: sees a client's offers and accepts or declines each. */
public interface ServerExtension {
  /** Returns the name under which clients offer the extension. */
  String name();

  /**
   * Returns the reserved bits to which the extension gives a meaning, RSV1 being 4, RSV2 being 2
   * and RSV3 being 1; by default 0, for none. Always the same.
   *
   * <p>An offer is declined if an extension that this server accepted before claims one of the
   * bits. Then {@link #accept} is not called.
   */
  default int rsv() {
    return 0;
  }

  /**
   * Decides about one offer of this {@link #name()}. Called on the event loop; must not block.
   * Several offers of a name are alternatives: once one is accepted, the others are declined.
   *
   * @param offer what the client offers
   * @param accepted what this server accepted so far in this handshake
   * @return what to answer, of the same name, or {@code null} to decline; the client's next offer
   *     is tried then
   * @throws HandshakeException with {@link HandshakeException.Reason#NEGOTIATION} to decline, too;
   *     anything else that is thrown fails the handshake with status 500
   */
  Extension accept(Extension offer, List<Extension> accepted);
}
