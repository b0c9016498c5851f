package io.github.websocketnetty.examples.support;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;

/** A naive server that opens each WebSocket and then follows a script; the peer of our clients. */
public final class RawServer implements AutoCloseable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int PATIENCE_MILLIS = 10_000;

  /** What a server does with an open connection. */
  @FunctionalInterface
  public interface Script {
    /** Plays to the end; the connection is closed then. */
    void play(Peer client) throws IOException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  private RawServer(ServerSocket listener, Script script) {
    this.listener = listener;
    this.script = script;
  }

  /** Starts a server on a free port. */
  public static RawServer start(Script script) throws IOException {
    return start(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), script);
  }

  /** Starts a server on a listening socket, which it then owns. */
  public static RawServer start(ServerSocket listener, Script script) {
    RawServer server = new RawServer(listener, script);
    new Thread(server::acceptAll, "raw server").start();
    return server;
  }

  /** Returns where clients connect to. */
  public String uri() {
    return "ws://127.0.0.1:" + port() + "/";
  }

  /** Returns the port. */
  public int port() {
    return listener.getLocalPort();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        script.play(new Peer(socket));
      } catch (SSLException e) {
        // Somebody who does not trust us: the client's own test tells whether it should have.
      } catch (IOException | AssertionError e) {
        if (!listener.isClosed()) {
          failure.completeExceptionally(e);
        }
      }
    }
  }

  /** Stops listening; fails if a script did. */
  @Override
  public void close() throws IOException {
    listener.close();
    failure.getNow(null);
  }

  /** One client. */
  public static final class Peer {
    private final DataInputStream in;
    private final OutputStream out;
    private final String resource;

    private Peer(Socket socket) throws IOException {
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
      String head = readHead();
      resource = head.substring(head.indexOf(' ') + 1, head.indexOf(" HTTP/"));
      send(
          ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + answerTo(head)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns path and query of the request. */
    public String resource() {
      return resource;
    }

    /** Sends a frame. */
    public void send(RawFrame frame) throws IOException {
      send(frame.unmaskedBytes());
    }

    private void send(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    /** Reads one frame, which must be masked. */
    public RawFrame read() throws IOException {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      if (second < 0x80) {
        throw new AssertionError("the client did not mask a frame");
      }
      long length = second & 0x7f;
      length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
      byte[] mask = in.readNBytes(4);
      byte[] payload = in.readNBytes(Math.toIntExact(length));
      for (int i = 0; i < payload.length; i++) {
        payload[i] ^= mask[i & 3];
      }
      return new RawFrame(first, payload);
    }

    /** Reads exactly this frame. */
    public void expect(RawFrame frame) throws IOException {
      RawFrame read = read();
      if (!read.equals(frame)) {
        throw new AssertionError("expected " + frame + " but got " + read);
      }
    }

    /** Closes first, and reads the client's answer. */
    public void closeWith(int code) throws IOException {
      send(RawFrame.close(code, ""));
      expect(RawFrame.close(code, ""));
    }

    private String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) in.readUnsignedByte());
      }
      return head.toString();
    }

    private static String answerTo(String head) {
      String name = "sec-websocket-key: ";
      int start = head.toLowerCase(Locale.ROOT).indexOf(name) + name.length();
      String key = head.substring(start, head.indexOf('\r', start));
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-1")
                .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }
}
