package io.github.websocketnetty.benchmarks.endtoend;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.spi.WebSocketHttpExchange;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.xnio.Options;
import org.xnio.Pooled;
import picocli.CommandLine.Command;

/** Undertow: {@code --threads} I/O threads, which also do the echo. */
@Command(name = "undertow")
public final class UndertowServer extends ServerCommand {
  UndertowServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    System.setProperty("org.jboss.logging.provider", "slf4j"); // which says nothing here
    run(new UndertowServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) {
    Undertow server =
        Undertow.builder()
            .addHttpListener(address.getPort(), address.getHostString())
            .setIoThreads(threads)
            .setWorkerThreads(1)
            .setSocketOption(Options.BACKLOG, BACKLOG)
            .setSocketOption(Options.TCP_NODELAY, true)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, -1)
            .setHandler(Handlers.websocket(UndertowServer::connected))
            .build();
    server.start();
    return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
  }

  private static void connected(WebSocketHttpExchange exchange, WebSocketChannel channel) {
    channel.getReceiveSetter().set(new Echo());
    channel.resumeReceives();
  }

  private static final class Echo extends AbstractReceiveListener {
    @Override
    protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
      WebSockets.sendText(message.getData(), channel, null);
    }

    @Override
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      WebSockets.sendBinary(data.getResource(), channel, new Freeing(data));
    }

    @Override
    protected long getMaxTextBufferSize() {
      return MAX_MESSAGE;
    }

    @Override
    protected long getMaxBinaryBufferSize() {
      return MAX_MESSAGE;
    }
  }

  /** Gives the buffers of a binary message back when it is sent. */
  private record Freeing(Pooled<ByteBuffer[]> data) implements WebSocketCallback<Void> {
    @Override
    public void complete(WebSocketChannel channel, Void nothing) {
      data.close();
    }

    @Override
    public void onError(WebSocketChannel channel, Void nothing, Throwable failure) {
      data.close();
    }
  }
}
