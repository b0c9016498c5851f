package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers do with the files of Unix domain sockets, on each transport. */
@ParameterizedClass
@ValueSource(strings = {"default", "nio", "epoll"})
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class UnixSocketFileTest {
  @Parameter String transport;
  @TempDir Path folder;

  private final List<WebSocketServer> servers = new ArrayList<>();
  private EventLoopGroup group;
  private UnixDomainSocketAddress address;

  @BeforeEach
  void open() {
    assumeTrue(!isEpoll() || Epoll.isAvailable(), "epoll is not available here");
    group = (isEpoll() ? EpollSockets.sockets() : Sockets.nio()).newGroup(1);
    address = UnixDomainSocketAddress.of(folder.resolve("socket"));
  }

  private boolean isEpoll() {
    return transport.equals("epoll");
  }

  @AfterEach
  void close() throws Exception {
    for (WebSocketServer server : servers) {
      server.close().get(10, TimeUnit.SECONDS);
    }
    if (group != null) {
      Sockets.end(group).get(10, TimeUnit.SECONDS);
    }
  }

  private WebSocketServer start() throws Exception {
    WebSocketServer.Builder builder =
        WebSocketServer.builder()
            .route("/", connection -> connection.forEachAsync(connection::send));
    WebSocketServer server = bind(builder).get(10, TimeUnit.SECONDS);
    servers.add(server);
    return server;
  }

  private CompletableFuture<WebSocketServer> bind(WebSocketServer.Builder builder) {
    return switch (transport) {
      case "default" -> builder.bind(address);
      case "nio" ->
          builder.bind(
              new ServerBootstrap().group(group).channel(NioServerDomainSocketChannel.class),
              address);
      default ->
          builder.bind(
              new ServerBootstrap().group(group).channel(EpollServerDomainSocketChannel.class),
              new DomainSocketAddress(address.toString()));
    };
  }

  private void assertRefused(String message) {
    ExecutionException failed = assertThrows(ExecutionException.class, this::start);
    assertEquals(message, assertInstanceOf(BindException.class, failed.getCause()).getMessage());
  }

  private void assertServed() throws IOException {
    RawPeer.open(address, "/").close();
  }

  @Test
  void aFileThatIsNoSocketIsKept() throws Exception {
    Files.writeString(address.getPath(), "precious");
    assertRefused(
        "cannot listen on " + address + ": a file that is no socket is there, and stays there");
    assertEquals("precious", Files.readString(address.getPath()));
  }

  @Test
  void aFolderAndALinkAreKept() throws Exception {
    Files.createDirectory(address.getPath());
    assertThrows(ExecutionException.class, this::start);
    assertTrue(Files.isDirectory(address.getPath()));
    Files.delete(address.getPath());
    leaveStaleSocket(folder.resolve("elsewhere"));
    Files.createSymbolicLink(address.getPath(), folder.resolve("elsewhere"));
    assertThrows(ExecutionException.class, this::start);
    assertTrue(Files.isSymbolicLink(address.getPath()));
    assertTrue(Files.exists(folder.resolve("elsewhere")));
  }

  @Test
  void theAddressOfAnotherServerIsInUse() throws Exception {
    start();
    assertRefused("address already in use: a server listens on " + address + ", close it first");
    assertServed();
  }

  /** Its backlog is full, so it cannot be connected to. */
  @Test
  void theAddressOfAServerThatDoesNotAcceptIsInUse() throws Exception {
    try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      busy.bind(address, 1);
      for (int i = 0; i < 3; i++) {
        assertRefused(
            "address already in use: a server listens on " + address + ", close it first");
      }
    }
  }

  @Test
  void whatACrashedServerLeftIsReplaced() throws Exception {
    leaveStaleSocket(address.getPath());
    start();
    assertServed();
  }

  @Test
  void aFolderThatIsMissingIsNamed() {
    address = UnixDomainSocketAddress.of(folder.resolve("missing").resolve("socket"));
    assertRefused(
        "cannot listen on " + address + ": there is no folder " + folder.resolve("missing"));
  }

  @Test
  void theFileGoesWhenTheServerStopsListening() throws Exception {
    WebSocketServer server = start();
    assertTrue(Files.exists(address.getPath()));
    server.stopListening().get(10, TimeUnit.SECONDS);
    assertFalse(Files.exists(address.getPath(), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void theFileOfASuccessorIsKept() throws Exception {
    WebSocketServer server = start();
    Files.delete(address.getPath());
    start();
    server.close().get(10, TimeUnit.SECONDS);
    assertServed();
  }

  @Test
  void aFileThatTookThePlaceOfTheSocketIsKept() throws Exception {
    WebSocketServer server = start();
    Files.delete(address.getPath());
    Files.writeString(address.getPath(), "precious");
    server.close().get(10, TimeUnit.SECONDS);
    assertEquals("precious", Files.readString(address.getPath()));
    assertEquals(List.of("socket"), List.of(folder.toFile().list()));
  }

  @Test
  void aFileThatComesWhileTheServerClosesIsKept() throws Exception {
    UnixSocketFile file = UnixSocketFile.reserve(address);
    leaveStaleSocket(address.getPath());
    file.bound();
    Path other = Files.writeString(folder.resolve("other"), "precious");
    file.closing();
    Files.move(other, address.getPath(), StandardCopyOption.REPLACE_EXISTING);
    file.closed();
    assertEquals("precious", Files.readString(address.getPath()));
  }

  @Test
  void theFileOfALaterServerGetsNoSecondName() throws Exception {
    WebSocketServer server = start();
    server.stopListening().get(10, TimeUnit.SECONDS);
    start();
    server.close().get(10, TimeUnit.SECONDS);
    assertServed();
    assertEquals(List.of("socket"), List.of(folder.toFile().list()));
  }

  @Test
  void aFolderThatTookThePlaceOfTheSocketIsKept() throws Exception {
    WebSocketServer server = start();
    Files.delete(address.getPath());
    Files.createDirectory(address.getPath());
    server.close().get(10, TimeUnit.SECONDS);
    assertTrue(Files.isDirectory(address.getPath()));
    assertEquals(List.of("socket"), List.of(folder.toFile().list()));
  }

  @Test
  void theFileGoesAlsoIfItsTimeWasSet() throws Exception {
    WebSocketServer server = start();
    Files.setLastModifiedTime(address.getPath(), FileTime.fromMillis(1));
    server.close().get(10, TimeUnit.SECONDS);
    assertEquals(List.of(), List.of(folder.toFile().list()));
  }

  /** Both must not find that nothing is there before one of them listens. */
  @Test
  void ofServersThatStartAtTheSameTimeOneListens() throws Exception {
    leaveStaleSocket(address.getPath());
    UnixSocketFile first = UnixSocketFile.reserve(address);
    assertRefused("address already in use: another server is about to listen on " + address);
    Path detour = folder.resolve("..").resolve(folder.getFileName()).resolve("socket");
    UnixDomainSocketAddress plain = address;
    address = UnixDomainSocketAddress.of(detour);
    assertRefused("address already in use: another server is about to listen on " + detour);
    address = plain;
    first.release();
    start();
    assertServed();
  }

  @Test
  void aFailedStartLeavesThePathToTheNext() throws Exception {
    Files.writeString(address.getPath(), "precious");
    assertThrows(ExecutionException.class, this::start);
    Files.delete(address.getPath());
    UnixDomainSocketAddress plain = address;
    address = UnixDomainSocketAddress.of(folder.resolve("n".repeat(200))); // is refused by the bind
    assertThrows(ExecutionException.class, this::start);
    assertThrows(ExecutionException.class, this::start);
    address = plain;
    start();
    assertServed();
  }

  private static void leaveStaleSocket(Path path) throws IOException {
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(path))
        .close();
    assertTrue(Files.exists(path));
  }
}
