package io.github.websocketnetty;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.UUID;

/**
 * The file of a Unix domain socket on which a server listens. Transports differ in what they do
 * with it: epoll deletes whatever is in its place when it binds, NIO refuses even what a crashed
 * server left, and both delete in the end whatever is there by then. Thread-safe.
 */
final class UnixSocketFile {
  private static final int TYPE_MASK = 0170000;
  private static final int SOCKET_TYPE = 0140000;

  private final Path path;
  private final Identity made;

  /** Another name of what has taken the place of our file, until the channel is closed. */
  private Path kept;

  private UnixSocketFile(Path path, Identity made) {
    this.path = path;
    this.made = made;
  }

  /**
   * What distinguishes a file from another one that takes its name.
   *
   * @param key what the file system calls the file, null if it has no such name
   * @param time changes when the file is replaced, also if the new one gets the same key
   */
  private record Identity(Object key, FileTime time) {
    static Identity of(BasicFileAttributes file) {
      return new Identity(file.fileKey(), file.lastModifiedTime());
    }
  }

  /** Returns the path of a Unix domain socket, null for other addresses and abstract names. */
  static Path path(SocketAddress address) {
    if (address instanceof UnixDomainSocketAddress unix) {
      return unix.getPath();
    }
    boolean isAbstract = address.toString().startsWith("\0");
    return address instanceof DomainSocketAddress unix && !isAbstract ? Path.of(unix.path()) : null;
  }

  /**
   * Makes sure that nothing is lost when a server binds to {@code path}: deletes a socket to which
   * no server listens any more, and refuses everything else that is there.
   *
   * @param path null for no file
   * @throws IOException if something is there that stays
   */
  static void makeRoom(Path path) throws IOException {
    if (path == null) {
      return;
    }
    BasicFileAttributes present = attributes(path);
    if (present == null) {
      Path folder = path.toAbsolutePath().getParent();
      if (folder != null && !Files.isDirectory(folder)) {
        throw new BindException("cannot listen on " + path + ": there is no folder " + folder);
      }
      return;
    }
    if (!isSocket(path, present)) {
      throw new BindException(
          "cannot listen on " + path + ": a file that is no socket is there, and stays there");
    }
    if (isListenedTo(path)) {
      throw new BindException(
          "address already in use: a server listens on " + path + ", close it first");
    }
    Files.deleteIfExists(path);
  }

  /** Returns the file that a bind has just made, null if there is none, or it cannot be read. */
  static UnixSocketFile at(Path path) {
    if (path == null) {
      return null;
    }
    try {
      BasicFileAttributes file = attributes(path);
      return file == null ? null : new UnixSocketFile(path, Identity.of(file));
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** To be called before the channel is closed: keeps what has taken the place of the file. */
  synchronized void closing() throws IOException {
    BasicFileAttributes present = attributes(path);
    if (kept == null && present != null && !made.equals(Identity.of(present))) {
      Path link = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID());
      Files.createLink(link, path);
      kept = link;
    }
  }

  /** To be called when the channel is closed: deletes the file, but no other in its place. */
  synchronized void closed() throws IOException {
    BasicFileAttributes present = attributes(path);
    if (present != null && made.equals(Identity.of(present))) {
      Files.deleteIfExists(path);
    } else if (kept != null && present == null) {
      Files.move(kept, path);
    } else if (kept != null) {
      Files.delete(kept);
    }
    kept = null;
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      return null;
    }
  }

  private static boolean isSocket(Path path, BasicFileAttributes present) throws IOException {
    if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return present.isOther();
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & TYPE_MASK) == SOCKET_TYPE;
  }

  /** Everything but a refusal means a server: also that its backlog is full, or no permission. */
  private static boolean isListenedTo(Path path) {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.configureBlocking(false);
      client.connect(address);
      return true;
    } catch (ConnectException refused) {
      return false;
    } catch (IOException unknown) {
      return true;
    }
  }
}
