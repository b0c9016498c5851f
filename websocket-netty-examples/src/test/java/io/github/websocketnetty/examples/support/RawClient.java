package io.github.websocketnetty.examples.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A deliberately naive WebSocket client on a blocking socket: sends whatever bytes a case wants and
 * reads frames one byte after the other, strictly. Whatever waits too long fails.
 */
public final class RawClient implements AutoCloseable {
  /** A request that every server accepts. */
  public static final String REQUEST =
      """
      GET /any/path?with=query HTTP/1.1\r
      Host: 127.0.0.1\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      Sec-WebSocket-Version: 13\r
      \r
      """;

  private static final int PATIENCE_MILLIS = 10_000;
  private static final int STUCK_MILLIS = 500;
  private static final int ENDLESS = 256 << 20;
  private static final int LARGEST_FRAME = 16 << 20;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private RawClient(int port) throws IOException {
    socket = SocketChannel.open().socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  /** Connects only. */
  public static RawClient connect(int port) throws IOException {
    return new RawClient(port);
  }

  /** Connects and opens the WebSocket. */
  public static RawClient open(int port) throws IOException {
    RawClient client = connect(port);
    client.send(REQUEST);
    client.expectSwitch();
    return client;
  }

  /** Sends text that is not a frame. */
  public void send(String ascii) throws IOException {
    send(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends a frame. */
  public void send(RawFrame frame) throws IOException {
    send(frame.bytes());
  }

  /** Sends bytes in one write. */
  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Sends {@code bytes} in writes of at most {@code size} bytes. */
  public void sendChopped(byte[] bytes, int size) throws IOException {
    for (int i = 0; i < bytes.length; i += size) {
      out.write(bytes, i, Math.min(size, bytes.length - i));
      out.flush();
    }
  }

  /**
   * Sends {@code message} over and over without reading, until the server takes no more.
   *
   * @return how many bytes it took
   */
  public int sendUntilStuck(byte[] message) throws IOException {
    SocketChannel channel = socket.getChannel();
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_WRITE);
      int sent = 0;
      while (selector.select(STUCK_MILLIS) > 0 && sent < ENDLESS) {
        selector.selectedKeys().clear();
        int start = sent % message.length;
        sent += channel.write(ByteBuffer.wrap(message, start, message.length - start));
      }
      return sent;
    } finally {
      channel.configureBlocking(true);
    }
  }

  /** Sends the FIN and stays able to read. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Lets {@link #close()} send a reset. */
  public void resetOnClose() throws IOException {
    socket.setSoLinger(true, 0);
  }

  /** Reads the response that opens the WebSocket. */
  public void expectSwitch() throws IOException {
    String head = readHead();
    assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    // The answer to the key of RFC 6455, section 1.3.
    assertTrue(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
  }

  /** Reads the head of a response, to the empty line. */
  public String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** Reads one frame, which must be what a server may send: unmasked, of minimal length. */
  public RawFrame read() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    assertEquals(0, second & 0x80, "the server masked a frame");
    long length = second;
    if (second == 126) {
      length = in.readUnsignedShort();
      assertTrue(length > 125, "length " + length + " in 16 bits");
    } else if (second == 127) {
      length = in.readLong();
      assertTrue(length > 0xffff && length <= LARGEST_FRAME, "length " + length + " in 64 bits");
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new RawFrame(first, payload);
  }

  /** Reads exactly this frame. */
  public void expect(RawFrame frame) throws IOException {
    assertEquals(frame, read());
  }

  /** Reads a close frame with {@code code} and then the end, which the server sends first. */
  public void expectClose(int code) throws IOException {
    RawFrame close = read();
    assertEquals(
        "88 code " + code, "%x code %d".formatted(close.opcode() | 0x80, close.closeCode()));
    expectEnd();
  }

  /** Reads the server's FIN; anything else, a reset too, fails. */
  public void expectEnd() throws IOException {
    int next = in.read();
    assertEquals(-1, next, () -> "instead of the end came %02x".formatted(next));
  }

  /** Reads and forgets whatever comes, to the server's FIN. */
  public void readToEnd() throws IOException {
    in.readAllBytes();
  }

  /** Ends an open connection the usual way. */
  public void closeNormally() throws IOException {
    RawFrame bye = RawFrame.close(1000, "bye");
    send(bye);
    expect(bye);
    expectEnd();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
