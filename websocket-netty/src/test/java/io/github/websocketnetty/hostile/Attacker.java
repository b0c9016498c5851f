package io.github.websocketnetty.hostile;

import io.github.websocketnetty.support.RawPeer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A peer that means harm: it writes whatever bytes, and reads when it likes. */
final class Attacker implements AutoCloseable {
  /** Offers to compress. */
  static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

  /** Longer than any timeout of the server. */
  private static final int PATIENCE_MILLIS = 30_000;

  private static final int CLOSE = 8;

  private final SocketChannel channel;

  private Attacker(SocketChannel channel) {
    this.channel = channel;
  }

  static Attacker connect(InetSocketAddress server) throws IOException {
    return new Attacker(SocketChannel.open(server));
  }

  /** Connects with a receive buffer as small as it gets. */
  static Attacker connectNarrow(InetSocketAddress server) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 1);
    channel.connect(server);
    return new Attacker(channel);
  }

  /** Opens a WebSocket at a path. */
  static Attacker open(InetSocketAddress server, String path, String... headers)
      throws IOException {
    return connect(server).upgrade(path, headers);
  }

  Attacker upgrade(String path, String... headers) throws IOException {
    send(RawPeer.request(path, headers));
    String head = head();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(head);
    }
    return this;
  }

  /** Sends all of it, however long that takes. */
  void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  void send(String ascii) throws IOException {
    send(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends a byte, unless the server has had enough. */
  void trickle(byte next) {
    try {
      send(new byte[] {next});
    } catch (IOException serverHasHadEnough) {
      // That is what the answer tells.
    }
  }

  /**
   * Sends the same again and again for a while, without waiting where the server does not read, or
   * until the server has had enough.
   *
   * @return the bytes sent
   */
  long flood(byte[] block, Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    long sent = 0;
    ByteBuffer buffer = ByteBuffer.wrap(block);
    channel.configureBlocking(false);
    try {
      while (System.nanoTime() < end) {
        int length = channel.write(buffer);
        sent += length;
        if (!buffer.hasRemaining()) {
          buffer.clear();
        } else if (length == 0) {
          LockSupport.parkNanos(1_000_000);
        }
      }
    } catch (IOException serverHasHadEnough) {
      return sent;
    }
    channel.configureBlocking(true);
    return sent;
  }

  /** Returns the head of an HTTP message, with the empty line. */
  private String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) read(1)[0]);
    }
    return head.toString();
  }

  byte[] read(int length) throws IOException {
    byte[] bytes = input().readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private InputStream input() throws IOException {
    Socket socket = channel.socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket.getInputStream();
  }

  /**
   * Reads until the server ends the connection.
   *
   * @return the close codes that came, and {@code end} or {@code reset}, such as {@code 1009 end}
   */
  String outcome() {
    StringBuilder outcome = new StringBuilder();
    try {
      InputStream input = input();
      for (int head = input.read(); head >= 0; head = input.read()) {
        byte[] payload = read((int) length());
        if ((head & 15) == CLOSE) {
          int code = payload.length < 2 ? 1005 : (payload[0] & 255) << 8 | payload[1] & 255;
          outcome.append(code).append(' ');
        }
      }
      return outcome.append("end").toString();
    } catch (SocketTimeoutException e) {
      return outcome.append("nothing").toString();
    } catch (IOException e) {
      return outcome.append("reset").toString();
    }
  }

  private long length() throws IOException {
    int form = read(1)[0];
    if (form < 126) {
      return form;
    }
    byte[] extended = read(form == 126 ? 2 : 8);
    long length = 0;
    for (byte each : extended) {
      length = length << 8 | each & 255;
    }
    return length;
  }

  /** Reads an HTTP answer and what comes behind; returns the status, or how it ended without. */
  String status() {
    try {
      String answer = new String(input().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.isEmpty() ? "end" : answer.split(" ", 3)[1];
    } catch (SocketTimeoutException e) {
      return "nothing";
    } catch (IOException e) {
      return "reset";
    }
  }

  /** Goes without a word. */
  void reset() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
