/**
 * Connections: receive and send whole messages or streams of fragments, from any thread.
 *
 * <p>{@link io.github.websocketnetty.Connection} is the asynchronous view; {@link
 * io.github.websocketnetty.BlockingConnection} the same for threads that may wait. Both stand on
 * the handlers of {@link io.github.websocketnetty.handler}, in any Netty pipeline. Memory is
 * bounded both ways: a peer that sends faster than the application receives is slowed down, and
 * what waits to be sent to a slow peer is limited.
 */
package io.github.websocketnetty;
