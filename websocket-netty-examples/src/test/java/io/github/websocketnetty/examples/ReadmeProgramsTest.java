package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.ReconnectingClient;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawServer;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs that the README shows do what it says. */
@ExtendWith(LeakFailure.class)
@Timeout(30)
class ReadmeProgramsTest {
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final int FILE_SIZE = 5_000_000;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @TempDir Path folder;

  @AfterEach
  void shutDown() throws InterruptedException {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"async", "blocking", "handler"})
  void everyStyleEchoes(String style) throws Exception {
    URI uri =
        serve(
            pipeline -> {
              switch (style) {
                case "async" -> ThreeStyles.addAsync(pipeline);
                case "blocking" -> ThreeStyles.addBlocking(pipeline, threads);
                default -> ThreeStyles.addHandler(pipeline);
              }
            });
    try (BlockingConnection ws = FeedClient.connect(group, uri).get().blocking()) {
      ws.send("hello");
      ws.send(new byte[] {1, 2});
      assertEquals("hello", ws.recvText());
      assertArrayEquals(new byte[] {1, 2}, ws.recvBytes());
    }
  }

  @Test
  void serverAndClientTakeOneCallEach() throws Exception {
    try (ServerSocket taken = freePort(8080)) {
      assumeTrue(taken != null, "port 8080 is taken");
    }
    WebSocketServer server = InOneCall.serve();
    assertEquals("hello, world", InOneCall.talk(server.port()));
    server.close().get(10, TimeUnit.SECONDS);
  }

  private static ServerSocket freePort(int port) {
    try {
      return new ServerSocket(port);
    } catch (IOException taken) {
      return null;
    }
  }

  @Test
  void roomsWantAPassword() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    WebSocketServer server = InOneCall.serveRooms(null, any);
    WebSocketClient client = WebSocketClient.create();
    String place = "127.0.0.1:" + server.port() + "/rooms/java";
    Connection duke = client.connect(URI.create("ws://duke:secret@" + place)).get();
    assertEquals("welcome to java", duke.recvText().get());
    CompletableFuture<Connection> nobody = client.connect(URI.create("ws://" + place));
    CompletionException refusal = assertThrows(CompletionException.class, nobody::join);
    String message = refusal.getCause().getMessage();
    assertTrue(
        message.startsWith("server rejected WebSocket connection: HTTP 401 Unauthorized at ws://"),
        message);
    client.close().get(10, TimeUnit.SECONDS);
    server.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void feedIsFollowedAgain() throws Exception {
    URI uri =
        serve(
            pipeline ->
                pipeline.addLast(
                    new HttpServerCodec(),
                    new WebSocketServerHandler(
                        "/echo", connection -> connection.recv().thenCompose(connection::send))));
    WebSocketClient client = WebSocketClient.create();
    BlockingQueue<String> err = new LinkedBlockingQueue<>();
    PrintStream log =
        new PrintStream(OutputStream.nullOutputStream()) {
          @Override
          public void println(String line) {
            err.add(line);
          }
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ReconnectingClient following = InOneCall.follow(client, uri, new PrintStream(out, true), log);
    String line = err.poll(10, TimeUnit.SECONDS);
    assertTrue(
        line.matches("received 1000 \\(OK\\); then sent 1000 \\(OK\\), trying again in [0-5] s"),
        line);
    assertTrue(out.toString().contains("subscribe"), out::toString);
    following.stop().get(10, TimeUnit.SECONDS);
    client.close().get(10, TimeUnit.SECONDS);
  }

  @Test
  void missingServerFailsTheConnection() {
    CompletableFuture<Connection> connection =
        FeedClient.connect(group, URI.create("ws://127.0.0.1:1/"));
    CompletionException failure = assertThrows(CompletionException.class, connection::join);
    assertInstanceOf(ConnectException.class, failure.getCause());
  }

  @Test
  void quietFeedIsGivenUpAndNothingIsLost() throws Exception {
    try (RawServer server =
        RawServer.start(
            client -> {
              client.expect(text("subscribe"));
              client.send(text("one"));
              client.send(text("two"));
              client.expect(close(1000, ""));
              client.send(close(1000, ""));
            })) {
      assertEquals("one\ntwo\n", follow(server, Duration.ofSeconds(1)));
    }
  }

  @Test
  void endOfTheFeedIsSaid() throws Exception {
    try (RawServer server =
        RawServer.start(
            client -> {
              client.expect(text("subscribe"));
              client.send(text("one"));
              client.closeWith(1001);
            })) {
      assertEquals(
          "one\nfeed ended: received 1001 (going away); then sent 1001 (going away)\n",
          follow(server, PATIENT));
    }
  }

  @Test
  void nextMessageIsStripped() throws Exception {
    try (RawServer server =
        RawServer.start(
            client -> {
              client.send(text(" padded "));
              client.closeWith(1000);
            })) {
      Connection connection = FeedClient.connect(group, URI.create(server.uri())).get();
      assertEquals("padded", FeedClient.next(connection).get());
      connection.waitClosed().get();
    }
  }

  @Test
  void fileArrivesWhole() throws Exception {
    byte[] content = new byte[FILE_SIZE];
    new Random(1).nextBytes(content);
    Path source = Files.write(folder.resolve("source"), content);
    Path target = folder.resolve("target");
    CompletableFuture<Void> received = new CompletableFuture<>();
    Endpoint upload =
        Endpoint.blocking(
            threads,
            ws -> {
              FileTransfer.receive(ws, target);
              received.complete(null);
            });
    ConnectionOptions large = ConnectionOptions.builder().maxMessageSize(FILE_SIZE).build();
    URI uri =
        serve(
            pipeline ->
                pipeline.addLast(
                    new HttpServerCodec(),
                    new WebSocketServerHandler(ServerHandshakeOptions.anyPath(), large, upload)));
    try (BlockingConnection ws = FeedClient.connect(group, uri).get().blocking()) {
      FileTransfer.send(ws, source);
      received.get();
      assertEquals(-1, Files.mismatch(source, target));
    }
  }

  private String follow(RawServer server, Duration timeout) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Connection connection = FeedClient.connect(group, URI.create(server.uri())).get();
    FeedClient.follow(connection, timeout, new PrintStream(printed));
    return printed.toString().replace(System.lineSeparator(), "\n");
  }

  private URI serve(Consumer<ChannelPipeline> style) throws InterruptedException {
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    style.accept(channel.pipeline());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    return URI.create("ws://127.0.0.1:" + port + "/echo");
  }
}
