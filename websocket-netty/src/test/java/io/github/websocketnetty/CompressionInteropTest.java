package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other implementations of permessage-deflate, over loopback: all that is sent comes back. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class CompressionInteropTest {
  private final EventLoopGroup group = Transports.NIO.newGroup();
  private final BlockingQueue<Object> echoes = new LinkedBlockingQueue<>();
  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();

  @AfterEach
  void end() throws Exception {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static DeflateOptions options(boolean takeover) {
    return DeflateOptions.builder()
        .serverContextTakeover(takeover)
        .clientContextTakeover(takeover)
        .threshold(0)
        .build();
  }

  private int serve(Consumer<SocketChannel> initializer) throws InterruptedException {
    return ((InetSocketAddress)
            new ServerBootstrap()
                .group(group)
                .channel(Transports.NIO.serverChannel())
                .childHandler(initializer(initializer))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel()
                .localAddress())
        .getPort();
  }

  /** Starts our echo server. */
  private int serve(boolean takeover) throws InterruptedException {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder().compression(options(takeover)).build();
    Endpoint echo =
        connection -> {
          served.add(connection);
          return connection.forEachAsync(connection::send);
        };
    return serve(
        channel ->
            channel
                .pipeline()
                .addLast(new HttpServerCodec())
                .addLast(
                    new WebSocketServerHandler(handshake, ConnectionOptions.defaults(), echo)));
  }

  private static ChannelInitializer<SocketChannel> initializer(Consumer<SocketChannel> action) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        action.accept(channel);
      }
    };
  }

  private Connection connect(int port, boolean takeover) throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + port + "/echo");
    WebSocketClientHandler opening =
        new WebSocketClientHandler(
            ClientHandshakeOptions.builder(uri).compression(options(takeover)).build(),
            ConnectionOptions.defaults(),
            null);
    new Bootstrap()
        .group(group)
        .channel(Transports.NIO.clientChannel())
        .handler(
            initializer(
                channel -> channel.pipeline().addLast(new HttpClientCodec()).addLast(opening)))
        .connect("127.0.0.1", port)
        .sync();
    return opening.connection().get(10, TimeUnit.SECONDS);
  }

  /** Texts and bytes of many sizes, some that compress and some that do not. */
  private static List<Message> messages() {
    List<Message> messages = new ArrayList<>();
    Random random = new Random(11);
    for (int size : new int[] {0, 1, 5, 125, 126, 1000, 1000, 16_384, 16_385, 65_536, 300_000}) {
      messages.add(TextMessage.of("grüß €😀 ".repeat(size / 17 + 1)));
      byte[] noise = new byte[size];
      random.nextBytes(noise);
      messages.add(BinaryMessage.of(noise));
      messages.add(BinaryMessage.of(new byte[size]));
    }
    return messages;
  }

  private static void assertCompressing(Connection connection) {
    String agreed = connection.response().orElseThrow().headers().get("Sec-WebSocket-Extensions");
    assertTrue(agreed != null && agreed.startsWith("permessage-deflate"), agreed);
  }

  /** Our client sends everything to somebody's echo server. */
  private void exchange(int port, boolean takeover) throws Exception {
    Connection connection = connect(port, takeover);
    assertCompressing(connection);
    for (int round = 0; round < 2; round++) {
      for (Message message : messages()) {
        connection.send(message);
        assertEquals(message, connection.recv().get(10, TimeUnit.SECONDS));
      }
    }
    connection.close().get(10, TimeUnit.SECONDS);
    assertEquals(1000, connection.closeCode().orElseThrow());
  }

  private void assertEchoes() throws Exception {
    for (Message message : messages()) {
      Object echo = echoes.poll(10, TimeUnit.SECONDS);
      assertEquals(message, echo);
    }
    assertCompressing(served.poll(10, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ourClientAndOurServer(boolean takeover) throws Exception {
    exchange(serve(takeover), takeover);
    assertCompressing(served.poll(10, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void okHttpsClient(boolean takeover) throws Exception {
    int port = serve(takeover);
    OkHttpClient client = new OkHttpClient.Builder().minWebSocketMessageToCompress(0).build();
    WebSocket webSocket =
        client.newWebSocket(
            new Request.Builder().url("ws://127.0.0.1:" + port + "/").build(),
            new WebSocketListener() {
              @Override
              public void onMessage(WebSocket socket, String text) {
                echoes.add(TextMessage.of(text));
              }

              @Override
              public void onMessage(WebSocket socket, ByteString bytes) {
                echoes.add(BinaryMessage.of(bytes.toByteArray()));
              }

              @Override
              public void onFailure(WebSocket socket, Throwable failure, Response response) {
                echoes.add(failure);
              }
            });
    for (Message message : messages()) {
      if (message instanceof TextMessage text) {
        webSocket.send(text.text());
      } else {
        webSocket.send(ByteString.of(message.bytes()));
      }
    }
    assertEchoes();
    webSocket.close(1000, null);
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  /** It always promises to keep no context, so it must be told to keep the promise. */
  private static Draft javaWebSocket() {
    PerMessageDeflateExtension extension = new PerMessageDeflateExtension();
    extension.setThreshold(0);
    extension.setServerNoContextTakeover(true);
    extension.setClientNoContextTakeover(true);
    return new Draft_6455(extension);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void javaWebSocketsClient(boolean takeover) throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + serve(takeover) + "/");
    WebSocketClient client =
        new WebSocketClient(uri, javaWebSocket()) {
          @Override
          public void onOpen(ServerHandshake handshake) {
            // it is awaited
          }

          @Override
          public void onMessage(String text) {
            echoes.add(TextMessage.of(text));
          }

          @Override
          public void onMessage(ByteBuffer bytes) {
            echoes.add(BinaryMessage.of(bytesOf(bytes)));
          }

          @Override
          public void onClose(int code, String reason, boolean remote) {
            echoes.add("closed with " + code);
          }

          @Override
          public void onError(Exception failure) {
            echoes.add(failure);
          }
        };
    assertTrue(client.connectBlocking(10, TimeUnit.SECONDS));
    for (Message message : messages()) {
      if (message instanceof TextMessage text) {
        client.send(text.text());
      } else {
        client.send(message.bytes());
      }
    }
    assertEchoes();
    client.closeBlocking();
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /**
   * Its selector's thread, having written all, may undo the wish to write that its worker expresses
   * at that moment; then the message waits for the next one.
   */
  private void remindToWrite(WebSocketServer server) {
    group.scheduleAtFixedRate(
        () -> server.getConnections().forEach(server::onWriteDemand), 1, 1, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void javaWebSocketsServer(boolean takeover) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    WebSocketServer server =
        new WebSocketServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            1,
            List.of(javaWebSocket())) {
          @Override
          public void onStart() {
            started.countDown();
          }

          @Override
          public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {
            // nothing to do
          }

          @Override
          public void onMessage(org.java_websocket.WebSocket socket, String text) {
            socket.send(text);
          }

          @Override
          public void onMessage(org.java_websocket.WebSocket socket, ByteBuffer bytes) {
            socket.send(bytes);
          }

          @Override
          public void onClose(
              org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {
            // the client checks it
          }

          @Override
          public void onError(org.java_websocket.WebSocket socket, Exception failure) {
            failure.printStackTrace();
          }
        };
    server.start();
    try {
      assertTrue(started.await(10, TimeUnit.SECONDS));
      remindToWrite(server);
      exchange(server.getPort(), takeover);
    } finally {
      server.stop(1000);
    }
  }
}
