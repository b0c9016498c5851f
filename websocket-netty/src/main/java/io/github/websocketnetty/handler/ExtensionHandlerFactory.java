package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandler;

/**
 * Makes the handlers of an extension, one for each connection that has negotiated it. An extension
 * consists of this and of a {@link io.github.websocketnetty.protocol.ServerExtension}, a {@link
 * io.github.websocketnetty.protocol.ClientExtension}, or both. One factory serves all connections.
 *
 * <p>The handler stands between the codec and the handlers that close, keep alive and receive. It
 * sees all frames of the connection, control frames too, both ways. Extensions work on a frame in
 * the order in which the server's response lists them, permessage-deflate among them: the first one
 * has the frame first when it is sent, and last when it is received.
 *
 * <p><b>Frames.</b> Inbound frames are unmasked, with the reserved bits of the wire, one for each
 * frame of the peer's. The handler owns what it reads and passes on or releases it. It must clear
 * the bits that the extension claims. A frame without any of these bits is none of its business if
 * the extension marks its frames. Outbound frames have no bits set yet. Their payload may be shared
 * with other connections or be read-only, so a changed payload goes into a new buffer; the handler
 * releases the old frame, and passes the promise on with what takes its place. Control frames must
 * have at most 125 bytes and the final bit in both directions. A control frame may be changed only
 * if one of the claimed bits marks it; close frames without such a bit are checked before the
 * handler sees them.
 *
 * <p><b>What is checked.</b> Behind the handlers of all extensions, inbound frames are checked like
 * those of a connection without extensions: reserved bits and the order of fragments (close code
 * 1002), UTF-8 (1007), {@code maxMessageSize} and {@code maxFragmentSize} (1009). Bits that no
 * extension of the connection claims end it with 1002 before any handler sees them.
 *
 * <p><b>Demand.</b> With auto-read off, a handler that hands on nothing for a data frame calls
 * {@code ctx.read()}, since the frame has used up what was asked for. One that makes several data
 * frames out of one hands on each after a {@code read()} only.
 *
 * <p><b>Failures.</b> A {@link io.github.websocketnetty.protocol.ProtocolException} that is thrown
 * while a frame is received fails the connection with its close code; the peer sees its message.
 * Anything else but an {@link java.io.IOException} is logged and fails the connection with 1011.
 * What is thrown while a frame is sent fails the promise of that frame; a {@code Connection} logs
 * it, and fails with 1011. The handler must have released the frame.
 *
 * <p><b>The end.</b> After a violation or a close frame no frame comes any more. State is released
 * in {@code handlerRemoved}, which is called at the end of each connection.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-9.1">RFC 6455, section 9.1</a>
 */
@FunctionalInterface
public interface ExtensionHandlerFactory {
  /**
   * Returns a handler for one connection, usually a {@link io.netty.channel.ChannelDuplexHandler}.
   * Called on the event loop once the opening handshake has succeeded; must not block. What it
   * throws ends the connection at once.
   *
   * @param side the role of this end of the connection
   * @param agreed the extension as it stands in the response
   * @return a new handler, or a sharable one; not null
   */
  ChannelHandler newHandler(Side side, Extension agreed);

  /**
   * Returns what a peer may send on the wire so that it fits into {@code limits} once the extension
   * has transformed it back. Memory for a frame is bounded by this while it arrives. Called on the
   * event loop.
   *
   * @param limits for messages and frames that the handler hands on
   * @return by default {@link FrameLimits#deflated}, which gives an eighth more and some bytes for
   *     each frame
   */
  default FrameLimits wireLimits(FrameLimits limits) {
    return limits.deflated();
  }
}
