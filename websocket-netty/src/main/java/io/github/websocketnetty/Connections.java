package io.github.websocketnetty;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Makes connections out of pipelines, and sends to many of them. */
public final class Connections {
  private Connections() {}

  /**
   * Makes a connection on a pipeline whose opening handshake is over, whoever made it.
   *
   * <p>Netty's own WebSocket handlers are replaced by those of {@link ConnectionOptions#pipeline};
   * bytes that their decoder holds are not lost. Handlers of a {@code WebSocketPipeline} that are
   * there already stay, with their limits. From then on the connection receives the messages, and
   * reads by itself, also with auto-read off, which it leaves so; handlers behind see the events.
   * With auto-read on it is off while enough messages wait, and on again after that: to stop the
   * input of a connection, receive nothing, and leave auto-read alone.
   *
   * <p>To be called on the event loop, when Netty's handshake fires {@code HandshakeComplete} and
   * before any frame is read. Netty's server fires it after it has decoded what came together with
   * the request: frames of a client that does not wait for the response, as RFC 6455 section 4.1
   * demands, are lost there. {@link WebSocketServerHandler} keeps them.
   *
   * @param pipeline the pipeline of an open channel
   * @param side our role
   * @param options limits and times
   * @return the connection, open; without request and response
   * @throws IllegalStateException if an extension was negotiated whose handlers stand in the
   *     pipeline, or there is no WebSocket decoder to replace, or this is not the event loop
   */
  public static Connection attach(ChannelPipeline pipeline, Side side, ConnectionOptions options) {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(options, "options");
    if (!pipeline.channel().eventLoop().inEventLoop()) {
      throw new IllegalStateException("attach must be called on the event loop of the channel");
    }
    if (pipeline.get(WebSocketCloseHandler.class) == null) {
      NettyHandlers.replace(pipeline, options.pipeline(side));
    }
    return attach(pipeline, side, options, null, null);
  }

  /**
   * Sends a text message to many connections; see {@link #broadcast(Iterable, Message,
   * SlowReceivers)}. For slow ones it waits, up to their bound.
   *
   * @throws IllegalArgumentException if the text has an unpaired surrogate; nothing is sent then
   */
  public static CompletableFuture<BroadcastResult> broadcast(
      Iterable<? extends Connection> connections, String text) {
    return broadcast(connections, TextMessage.of(text), SlowReceivers.QUEUE);
  }

  /**
   * Sends a message to many connections; see {@link #broadcast(Iterable, Message, SlowReceivers)}.
   * For slow ones it waits, up to their bound.
   */
  public static CompletableFuture<BroadcastResult> broadcast(
      Iterable<? extends Connection> connections, Message message) {
    return broadcast(connections, message, SlowReceivers.QUEUE);
  }

  /**
   * Sends a message to many connections, without waiting for any. A connection that fails or is
   * skipped does not keep it from the others. Any thread.
   *
   * <p>The message is encoded once, and connections that do not mask, as those of a server, share
   * its bytes; those of a client, which mask, have their own. So it is with compression: once for
   * each level where no context is taken over, and for each connection where it is. What a thread
   * sends over a connection before and after a broadcast stands before and behind it.
   *
   * @param connections those to send to, once for each time that they occur; iterated over within
   *     this call
   * @param slow what to do about connections whose peers read too slowly
   * @return a future with what became of it, complete when each event loop has had its turn;
   *     already complete if this is the only event loop. Cancelling it has no effect on the
   *     message; while it is not complete, {@code get} and {@code join} throw {@link
   *     IllegalStateException} on the event loops that send
   * @throws IllegalArgumentException if there is a connection that is not of this library
   */
  public static CompletableFuture<BroadcastResult> broadcast(
      Iterable<? extends Connection> connections, Message message, SlowReceivers slow) {
    Objects.requireNonNull(connections, "connections");
    Objects.requireNonNull(message, "message");
    return new Broadcast(message, Objects.requireNonNull(slow, "slow")).sendTo(connections);
  }

  /**
   * Adds the connection's handler behind ours.
   *
   * @param identity null for a new one
   */
  static ChannelConnection attach(
      ChannelPipeline pipeline,
      Side side,
      ConnectionOptions options,
      HandshakeCompleted handshake,
      ConnectionIdentity identity) {
    ChannelConnection connection =
        new ChannelConnection(
            pipeline.channel(), side, options, handshake, new ConnectionPort(pipeline));
    connection.identify(identity);
    ChannelHandlerContext last = pipeline.context(WebSocketKeepaliveHandler.class);
    pipeline.addAfter(last.name(), null, new ConnectionHandler(connection));
    return connection;
  }
}
