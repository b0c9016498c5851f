package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Fragment;
import io.github.websocketnetty.MessageReader;
import io.github.websocketnetty.MessageWriter;
import io.github.websocketnetty.examples.support.ModuleFiles;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README and the pages that it leads to show is what the build compiles, and it works. */
class ReadmeTest {
  private static List<String> blocks(String page, String language) throws IOException {
    String text = Files.readString(ModuleFiles.inRepository(page));
    return Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static String squeezed(String code) {
    return code.replaceAll("\\s+", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "websocket-netty/docs/from-netty.md",
        "websocket-netty/docs/extensions.md"
      })
  void codeIsTakenFromClassesThatTheBuildCompiles(String page) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> sources = Files.walk(ModuleFiles.inModule("src/main/java"))) {
      for (Path source : (Iterable<Path>) sources.filter(Files::isRegularFile)::iterator) {
        all.append(squeezed(Files.readString(source)));
      }
    }
    List<String> snippets = blocks(page, "java");
    assertFalse(snippets.isEmpty());
    for (String snippet : snippets) {
      assertTrue(all.indexOf(squeezed(snippet)) >= 0, "not in the examples:\n" + snippet);
    }
  }

  @Test
  void everyMethodAndOptionOfTheTableForPythonistasExists() throws IOException {
    Set<String> methods =
        Stream.of(
                Connection.class,
                BlockingConnection.class,
                BlockingConnection.Reader.class,
                BlockingConnection.Writer.class,
                MessageReader.class,
                MessageWriter.class,
                Fragment.class,
                ConnectionOptions.Builder.class,
                ConnectionClosedException.class,
                CompletableFuture.class)
            .flatMap(type -> Stream.of(type.getMethods()))
            .map(Method::getName)
            .collect(Collectors.toSet());
    String readme = Files.readString(ModuleFiles.inRepository("README.md"));
    String section = readme.substring(readme.indexOf("## From Python"));
    List<String> named =
        Pattern.compile("(?m)^\\|[^|]*\\|([^|]*)\\|")
            .matcher(section.substring(0, section.indexOf("## What it")))
            .results()
            .flatMap(
                row -> Pattern.compile("`(?:\\w+\\.)?([a-z]\\w+)").matcher(row.group(1)).results())
            .map(name -> name.group(1))
            .filter(name -> !name.equals("for"))
            .toList();
    assertTrue(named.size() > 40, named::toString);
    for (String name : named) {
      assertTrue(methods.contains(name), name);
    }
    for (Method method : Connection.class.getMethods()) {
      assertTrue(
          section.contains(method.getName() + "(") || method.getName().equals("blocking"),
          method.getName());
    }
  }

  @Test
  void ciRunsTheTestCommand() throws IOException {
    List<String> commands = blocks("README.md", "sh");
    String test = commands.get(commands.size() - 1).strip();
    assertEquals("mvn -B -ntp verify", test);
    assertTrue(Files.readAllLines(ModuleFiles.inRepository(".ci/run")).contains(test));
  }

  @Test
  void existingPipelineServesHttpAndWebSocketOnOnePort() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Channel server =
          ExistingPipeline.serve(group, new InetSocketAddress("127.0.0.1", 0)).sync().channel();
      int port = ((InetSocketAddress) server.localAddress()).getPort();
      URI page = URI.create("http://127.0.0.1:" + port + "/page");
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
      assertEquals("hello /page", response.body());
      BlockingQueue<String> received = new LinkedBlockingQueue<>();
      Channel client =
          ExistingPipeline.connect(
              group, URI.create("ws://127.0.0.1:" + port + "/echo"), new Collector(received));
      client.writeAndFlush(new TextWebSocketFrame("hello"));
      assertEquals("hello", received.poll(10, TimeUnit.SECONDS));
      assertTrue(client.close().await(10, TimeUnit.SECONDS));
    } finally {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** Keeps the texts that arrive. */
  private static final class Collector extends ChannelInboundHandlerAdapter {
    private final BlockingQueue<String> received;

    Collector(BlockingQueue<String> received) {
      this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf content = ((TextWebSocketFrame) message).content();
      received.add(content.toString(StandardCharsets.UTF_8));
      content.release();
    }
  }
}
