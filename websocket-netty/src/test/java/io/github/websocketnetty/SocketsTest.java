package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.File;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which transport is taken if nobody chooses one. */
class SocketsTest {
  @Test
  void epollIsTakenWhereItWorks() {
    assertEquals(Epoll.isAvailable() ? "epoll" : "nio", Sockets.best().name());
  }

  @Test
  void nioIsTakenWithoutTheOptionalDependency() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("epoll")) {
        classPath.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> sockets = loader.loadClass(Sockets.class.getName());
      Method best = sockets.getDeclaredMethod("best");
      best.setAccessible(true);
      Method name = sockets.getDeclaredMethod("name");
      name.setAccessible(true);
      assertEquals("nio", name.invoke(best.invoke(null)));
    }
  }

  @Test
  void kindOfSocketFollowsTheAddress() {
    Sockets nio = Sockets.nio();
    SocketAddress unix = UnixDomainSocketAddress.of("socket");
    assertEquals(NioServerDomainSocketChannel.class, nio.server(unix));
    assertEquals(unix, nio.translate(unix));
    SocketAddress tcp = new InetSocketAddress(1);
    assertEquals(NioServerSocketChannel.class, nio.server(tcp));
    assertEquals(NioSocketChannel.class, nio.client(tcp));
    assertEquals(tcp, Sockets.best().translate(tcp));
    assertEquals("socket", Sockets.best().translate(unix).toString());
  }
}
