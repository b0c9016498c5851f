package io.github.websocketnetty;

import io.github.websocketnetty.handler.AgreedExtensions;
import io.github.websocketnetty.handler.BasicAuthentication;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ExtensionHandlerFactory;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.CloseHandshake;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.FrameWriter;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HttpLimits;
import io.github.websocketnetty.protocol.MessageDeflater;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.PayloadCollector;
import io.github.websocketnetty.protocol.PingLedger;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.protocol.Utf8Validator;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** An argument of each type, and an object of each class to call. */
final class Samples {
  private static final URI URI_SAMPLE = URI.create("ws://localhost/");

  /** Interfaces whose methods users implement and the library calls. */
  private static final Set<Class<?>> FOR_USERS =
      Set.of(
          BasicAuthentication.Check.class,
          ClientExtension.class,
          Endpoint.class,
          Endpoint.BlockingEndpoint.class,
          ExtensionHandlerFactory.class,
          FrameSink.class,
          PingLedger.Acknowledged.class,
          ReconnectingClient.Listener.class,
          RoutedEndpoint.class,
          ServerExtension.class,
          ServerHandshake.SubprotocolSelector.class,
          ServerHandshakeOptions.RequestHook.class,
          ServerHandshakeOptions.ResponseHook.class);

  private final Map<Class<?>, Supplier<?>> samples = new HashMap<>();
  private final LoopConnection connection;
  private final WebSocketServer server;
  private final WebSocketClient client = WebSocketClient.create();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  Samples() throws Exception {
    connection = new LoopConnection(Side.CLIENT, ConnectionOptions.defaults(), 0);
    server = WebSocketServer.builder().anyPath(opened -> null).bind(0).get();
    addOfTheJdk();
    addOfNetty();
    addOfTheRoot();
    addOfHandlers();
    addOfTheProtocol();
  }

  private <T> void add(Class<T> type, Supplier<? extends T> sample) {
    samples.put(type, sample);
  }

  private void addOfTheJdk() {
    samples.put(int.class, () -> 1);
    samples.put(long.class, () -> 1L);
    samples.put(boolean.class, () -> true);
    add(Boolean.class, () -> true);
    add(Object.class, () -> "object");
    add(String.class, () -> "/sample");
    add(CharSequence.class, () -> "sample");
    add(byte[].class, () -> new byte[4]);
    add(ByteBuffer.class, () -> ByteBuffer.allocateDirect(4));
    add(Duration.class, () -> Duration.ofSeconds(1));
    add(Instant.class, () -> Instant.EPOCH);
    add(Clock.class, Clock::systemUTC);
    add(URI.class, () -> URI_SAMPLE);
    add(SocketAddress.class, () -> new InetSocketAddress("127.0.0.1", 0));
    add(Throwable.class, () -> new IllegalStateException("sample"));
    add(List.class, List::of);
    add(Map.class, () -> Map.of("name", "word"));
    add(Iterable.class, List::of);
    add(Pattern.class, () -> Pattern.compile("sample"));
    add(Executor.class, () -> task -> {});
    add(UnaryOperator.class, UnaryOperator::identity);
    add(Flow.Publisher.class, () -> subscriber -> {});
  }

  private void addOfNetty() {
    add(ByteBuf.class, () -> Unpooled.wrappedBuffer(new byte[4]));
    add(ByteBufAllocator.class, () -> UnpooledByteBufAllocator.DEFAULT);
    add(WebSocketFrame.class, TextWebSocketFrame::new);
    add(ChannelPipeline.class, () -> new EmbeddedChannel().pipeline());
    add(ChannelPromise.class, channel::newPromise);
    add(Bootstrap.class, Bootstrap::new);
    add(ServerBootstrap.class, ServerBootstrap::new);
    add(HttpHeaders.class, DefaultHttpHeaders::new);
    add(HttpResponseStatus.class, () -> HttpResponseStatus.OK);
    add(HttpRequest.class, Samples::request);
    add(HttpResponse.class, Samples::response);
    add(FullHttpResponse.class, Samples::response);
  }

  private static HttpRequest request() {
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
  }

  private static FullHttpResponse response() {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
  }

  private void addOfTheRoot() {
    add(Connection.class, () -> connection.connection);
    add(BlockingConnection.class, () -> connection.connection.blocking());
    add(
        BlockingConnection.Writer.class,
        () -> connection.connection.blocking().sendStreaming(MessageType.TEXT));
    add(
        BlockingConnection.Reader.class,
        () -> {
          BlockingConnection.Reader reader = connection.connection.blocking().recvStreaming();
          reader.close(); // so that the next one finds the place free
          return reader;
        });
    add(MessageWriter.class, () -> connection.connection.sendStreaming(MessageType.TEXT));
    add(Message.class, () -> TextMessage.of("sample"));
    add(ConnectionOptions.class, ConnectionOptions::defaults);
    add(ConnectionOptions.Builder.class, ConnectionOptions::builder);
    add(WebSocketClient.class, () -> client);
    add(WebSocketClient.Builder.class, WebSocketClient::builder);
    add(WebSocketServer.class, () -> server);
    add(WebSocketServer.Builder.class, () -> WebSocketServer.builder().anyPath(opened -> null));
    add(
        ReconnectingClient.Builder.class,
        () -> ReconnectingClient.builder(client, URI_SAMPLE, opened -> null));
  }

  private void addOfHandlers() {
    add(AgreedExtensions.class, AgreedExtensions::none);
    add(BasicAuthentication.class, () -> BasicAuthentication.of("realm", "name", "word"));
    add(ClientHandshakeOptions.class, () -> ClientHandshakeOptions.forUri(URI_SAMPLE));
    add(ClientHandshakeOptions.Builder.class, () -> ClientHandshakeOptions.builder(URI_SAMPLE));
    add(ServerHandshakeOptions.class, ServerHandshakeOptions::anyPath);
    add(ServerHandshakeOptions.Builder.class, ServerHandshakeOptions::builder);
    add(ServerHandshakeOptions.RequestHook.class, () -> request -> null);
    add(WebSocketPipeline.class, () -> WebSocketPipeline.client().build());
    add(WebSocketPipeline.Builder.class, WebSocketPipeline::client);
    add(WebSocketFrameCodec.class, () -> new WebSocketFrameCodec(Side.CLIENT));
    add(
        WebSocketCloseHandler.class,
        () -> new WebSocketCloseHandler(Side.CLIENT, Duration.ofSeconds(1)));
    add(
        WebSocketKeepaliveHandler.class,
        () -> new WebSocketKeepaliveHandler(Duration.ZERO, Duration.ZERO));
  }

  private void addOfTheProtocol() {
    add(ClientHandshake.class, () -> ClientHandshake.builder(URI_SAMPLE).build());
    add(ClientHandshake.Builder.class, () -> ClientHandshake.builder(URI_SAMPLE));
    add(ServerHandshake.class, () -> ServerHandshake.builder().build());
    add(ServerHandshake.Builder.class, ServerHandshake::builder);
    add(CloseStatus.class, () -> CloseStatus.NORMAL);
    add(CloseHandshake.class, () -> new CloseHandshake(Side.CLIENT));
    add(FrameLimits.class, () -> FrameLimits.DEFAULT);
    add(
        HandshakeException.class,
        () -> new HandshakeException(HandshakeException.Reason.SECURITY, "sample"));
    add(HttpLimits.class, () -> HttpLimits.DEFAULT);
    add(DeflateOptions.class, DeflateOptions::defaults);
    add(Extension.class, () -> new Extension("permessage-deflate", List.of()));
    add(DeflateAgreement.class, Samples::agreement);
    add(WebSocketUri.class, () -> WebSocketUri.parse(URI_SAMPLE));
    add(FrameParser.class, () -> new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, true, 0));
    add(FrameWriter.class, () -> new FrameWriter(Side.CLIENT));
    add(MessageDeflater.class, () -> new MessageDeflater(agreement()));
    add(MessageInflater.class, () -> new MessageInflater(agreement(), FrameLimits.DEFAULT, true));
    add(PayloadCollector.class, () -> new PayloadCollector(UnpooledByteBufAllocator.DEFAULT));
    add(PingLedger.class, PingLedger::new);
    add(Utf8Validator.class, Utf8Validator::new);
  }

  private static DeflateAgreement agreement() {
    DeflateOptions options = DeflateOptions.defaults();
    return options.agreement(Side.CLIENT, new Extension("permessage-deflate", List.of()));
  }

  /** Returns whether users implement a method, so that the library gives the arguments. */
  boolean isForUsers(Class<?> type, Method method) {
    return FOR_USERS.contains(type)
        && !Modifier.isStatic(method.getModifiers())
        && !method.getName().equals("andThen");
  }

  /** Returns an argument. */
  Object of(Parameter parameter) {
    Class<?> receiver = parameter.getDeclaringExecutable().getDeclaringClass();
    if (receiver == Extension.class && parameter.getType() == String.class) {
      return "sample";
    }
    if (receiver == WebSocketServerHandshakeHandler.class
        && parameter.getType() == WebSocketPipeline.class) {
      return WebSocketPipeline.server().build();
    }
    if (parameter.getType() == int.class) {
      switch (parameter.getName()) {
        case "code", "closeCode":
          return 1000;
        case "status":
          return 400;
        case "rsvInUse", "rsv":
          return 0;
        default:
          return 1;
      }
    }
    return target(parameter.getType());
  }

  /** Returns an object of a type. */
  Object target(Class<?> type) {
    Supplier<?> sample = samples.get(type);
    if (sample != null) {
      return sample.get();
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> null);
    }
    throw new IllegalStateException("no sample of " + type);
  }

  void end() {
    connection.close();
    channel.finishAndReleaseAll();
    client.close().join();
    server.close().join();
  }
}
