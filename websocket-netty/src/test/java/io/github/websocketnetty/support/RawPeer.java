package io.github.websocketnetty.support;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A client that writes and reads bytes, over TCP or a Unix domain socket; waits for ever. */
public final class RawPeer implements AutoCloseable {
  private final SocketChannel channel;

  private RawPeer(SocketChannel channel) {
    this.channel = channel;
  }

  public static RawPeer connect(SocketAddress address) throws IOException {
    return new RawPeer(SocketChannel.open(address));
  }

  /** Connects and opens a WebSocket at {@code path}. */
  public static RawPeer open(SocketAddress address, String path) throws IOException {
    RawPeer peer = connect(address);
    peer.write(request(path));
    String head = peer.head();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(head);
    }
    return peer;
  }

  public static String request(String path, String... headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  public void write(String ascii) throws IOException {
    write(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  public void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Returns the head of an HTTP message, with the empty line. */
  public String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) read(1)[0]);
    }
    return head.toString();
  }

  public byte[] read(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("end after " + buffer.position() + " of " + length + " bytes");
      }
    }
    return buffer.array();
  }

  /** Returns all that comes until the server ends its output. */
  public byte[] rest() throws IOException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (channel.read(buffer) >= 0) {
      rest.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return rest.toByteArray();
  }

  public String restOfText() throws IOException {
    return new String(rest(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
