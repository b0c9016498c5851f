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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The file of a Unix domain socket on which a server listens. Transports differ in what they do
 * with it: epoll deletes whatever is in its place when it binds, NIO refuses even what a crashed
 * server left, and both delete in the end whatever is there by then. Thread-safe.
 */
final class UnixSocketFile {
  private static final int TYPE_MASK = 0170000;
  private static final int SOCKET_TYPE = 0140000;

  /** The files on which a server of this JVM is about to listen. */
  private static final Set<Path> RESERVED = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Path reserved;

  /** Null before the bind, and if the file cannot be read. */
  private Identity made;

  /** The channel is closed, or about to be: nothing that comes to this path is ours. */
  private boolean isClosing;

  /** Another name of what has taken the place of our file, until the channel is closed. */
  private Path kept;

  /** Whether what is kept has no other name meanwhile. */
  private boolean isMoved;

  private UnixSocketFile(Path path) {
    this.path = path;
    reserved = unique(path);
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

    /** Returns whether it is the same file, if the old one cannot have been deleted altogether. */
    boolean isStill(Identity now) {
      return key == null ? equals(now) : key.equals(now.key);
    }
  }

  /**
   * Makes sure that nothing is lost when a server binds to an address: deletes a socket to which no
   * server listens any more, and refuses everything else that is there. Until {@link #bound} or
   * {@link #release} nothing else in this JVM gets the same file.
   *
   * @return null if the address has no file: other addresses, and abstract names
   * @throws IOException if something is there that stays
   */
  static UnixSocketFile reserve(SocketAddress address) throws IOException {
    Path path = path(address);
    if (path == null) {
      return null;
    }
    UnixSocketFile file = new UnixSocketFile(path);
    if (!RESERVED.add(file.reserved)) {
      throw new BindException(
          "address already in use: another server is about to listen on " + path);
    }
    try {
      file.makeRoom();
      return file;
    } catch (IOException | RuntimeException e) {
      file.release();
      throw e;
    }
  }

  private static Path path(SocketAddress address) {
    if (address instanceof UnixDomainSocketAddress unix) {
      return unix.getPath();
    }
    boolean isAbstract = address.toString().startsWith("\0");
    return address instanceof DomainSocketAddress unix && !isAbstract ? Path.of(unix.path()) : null;
  }

  private void makeRoom() throws IOException {
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
      throw inUse();
    }
    deleteStale(Identity.of(present));
  }

  /** Another process may put its own socket there at the same time: that one is put back. */
  private void deleteStale(Identity stale) throws IOException {
    Path taken = newSibling();
    try {
      Files.move(path, taken);
    } catch (NoSuchFileException deletedMeanwhile) {
      return;
    }
    if (stale.equals(Identity.of(attributes(taken)))) {
      Files.delete(taken);
      return;
    }
    Files.move(taken, path);
    throw inUse();
  }

  private BindException inUse() {
    return new BindException(
        "address already in use: a server listens on " + path + ", close it first");
  }

  /** To be called when the channel listens: the file is the one that this has made. */
  synchronized void bound() {
    try {
      BasicFileAttributes file = attributes(path);
      made = file == null ? null : Identity.of(file);
    } catch (IOException unreadable) {
      made = null;
    }
    release();
  }

  /** To be called when the channel does not listen, and will not. */
  void release() {
    RESERVED.remove(reserved);
  }

  /**
   * To be called before the channel is closed: keeps what has taken the place of the file. Further
   * calls do nothing.
   */
  synchronized void closing() throws IOException {
    if (isClosing || made == null) {
      return;
    }
    isClosing = true;
    BasicFileAttributes present = attributes(path);
    if (present == null) {
      return;
    }
    Identity now = Identity.of(present);
    if (made.isStill(now)) { // the socket is open, so its key belongs to no other file
      made = now;
      return;
    }
    Path sibling = newSibling();
    try {
      Files.createLink(sibling, path);
    } catch (IOException | UnsupportedOperationException noLink) { // such as of a folder
      Files.move(path, sibling);
      isMoved = true;
    }
    kept = sibling;
  }

  /** To be called when the channel is closed: deletes the file, but no other in its place. */
  synchronized void closed() throws IOException {
    isClosing = true;
    BasicFileAttributes present = attributes(path);
    if (present != null && Identity.of(present).equals(made)) {
      Files.deleteIfExists(path);
      present = null;
    }
    if (kept == null) {
      return;
    }
    if (present == null) {
      Files.move(kept, path);
    } else if (!isMoved) {
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

  /**
   * Returns one name of the file, however the path is spelled; links in its folders are followed.
   */
  private static Path unique(Path path) {
    Path absolute = path.toAbsolutePath();
    try {
      Path folder = absolute.getParent();
      return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
    } catch (IOException missing) {
      return absolute;
    }
  }

  private Path newSibling() {
    return path.resolveSibling(path.getFileName() + "." + UUID.randomUUID());
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
