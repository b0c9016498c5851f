/**
 * Channel handlers for any Netty pipeline: framing, closing handshake, keepalive, aggregation and
 * the opening handshake of both roles.
 *
 * <p>Each handler has one concern and is usable alone. They exchange Netty's own {@link
 * io.netty.handler.codec.http.websocketx.WebSocketFrame} classes, so other handlers can stand
 * between them. None is sharable; {@link WebSocketPipeline} describes how to install them together.
 */
package io.github.websocketnetty.handler;
