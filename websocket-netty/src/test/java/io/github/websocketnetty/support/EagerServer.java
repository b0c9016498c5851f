package io.github.websocketnetty.support;

import io.github.websocketnetty.protocol.ServerHandshake;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/**
 * A server that sends its frames together with the 101, in one write, and keeps what the client
 * sends. It redirects {@code /redirect} to {@code /}.
 */
public final class EagerServer implements AutoCloseable {
  private static final Pattern KEY = Pattern.compile("(?i)Sec-WebSocket-Key: *(\\S+)");

  private final ServerSocket listener;
  private final byte[] frames;
  private final boolean waits;
  private final AtomicInteger opened = new AtomicInteger();
  private final CompletableFuture<List<String>> received = new CompletableFuture<>();

  /**
   * Starts.
   *
   * @param waits whether it ends TCP when the client has sent a close frame, instead of at once
   * @param frames what it sends with the 101
   */
  public EagerServer(ServerSocketFactory sockets, boolean waits, byte[]... frames)
      throws IOException {
    this.frames = WireFrame.join(frames);
    this.waits = waits;
    listener = sockets.createServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::accept, "eager server");
    thread.setDaemon(true);
    thread.start();
  }

  public EagerServer(byte[]... frames) throws IOException {
    this(ServerSocketFactory.getDefault(), true, frames);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Returns how many handshakes it has accepted. */
  public int opened() {
    return opened.get();
  }

  /** Returns the frames of the first client, as opcode and payload, once there is a close frame. */
  public List<String> received() throws Exception {
    return received.get(30, TimeUnit.SECONDS);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept()) {
        serve(client);
      } catch (IOException failure) {
        received.completeExceptionally(failure); // too late once it is complete
      }
    }
  }

  private void serve(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (head.toString().startsWith("GET /redirect ")) {
      write(client, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", new byte[0]);
      return;
    }
    Matcher key = KEY.matcher(head);
    if (!key.find()) {
      throw new IOException(head.toString());
    }
    opened.incrementAndGet();
    write(
        client,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + ServerHandshake.acceptKey(key.group(1))
            + "\r\n\r\n",
        frames);
    if (waits) {
      received.complete(frames(in));
    }
  }

  private static void write(Socket client, String head, byte[] body) throws IOException {
    client.getOutputStream().write(WireFrame.join(head.getBytes(StandardCharsets.US_ASCII), body));
  }

  /** Reads short masked frames, to a close frame or the end. */
  private static List<String> frames(DataInputStream in) throws IOException {
    List<String> frames = new ArrayList<>();
    try {
      int opcode = 0;
      while (opcode != 8) {
        opcode = in.readUnsignedByte() & 0xF;
        int length = in.readUnsignedByte() & 0x7F;
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < length; i++) {
          payload[i] ^= mask[i % 4];
        }
        frames.add(opcode + " " + text(opcode, payload));
      }
    } catch (EOFException end) {
      // TCP ended without a close frame.
    }
    return frames;
  }

  private static String text(int opcode, byte[] payload) {
    return opcode == 8 && payload.length >= 2
        ? "" + ((payload[0] & 0xFF) << 8 | payload[1] & 0xFF)
        : new String(payload, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
