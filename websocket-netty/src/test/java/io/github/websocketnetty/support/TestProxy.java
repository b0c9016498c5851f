package io.github.websocketnetty.support;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ServerSocketFactory;

/**
 * A proxy that says what it was asked for, and leads to one server whatever that was. The protocol
 * is that of the first byte: HTTP, SOCKS 4 or SOCKS 5.
 */
public final class TestProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final String httpAnswer;
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  /**
   * Starts.
   *
   * @param target the port it leads to
   * @param httpAnswer what it answers to CONNECT; it leads on if that is a 200
   */
  public TestProxy(ServerSocketFactory sockets, int target, String httpAnswer) throws IOException {
    this.target = target;
    this.httpAnswer = httpAnswer;
    listener = sockets.createServerSocket(0, 0, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public TestProxy(int target) throws IOException {
    this(ServerSocketFactory.getDefault(), target, "HTTP/1.1 200 OK\r\n\r\n");
  }

  /** What a connection fails with in place of an answer: a TCP reset. */
  public static final String RESET = "reset";

  /**
   * Lets the next connections fail, one after the other, before it leads on.
   *
   * @param answers to CONNECT, replies of SOCKS as decimal numbers, what is no SOCKS, empty for the
   *     end of the connection, or {@link #RESET}
   */
  public TestProxy failFirst(String... answers) {
    failures.addAll(List.of(answers));
    return this;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Returns what the client asked for. */
  public String request() throws InterruptedException {
    return requests.take();
  }

  /** Returns whether all requests were taken. */
  public boolean isIdle() {
    return requests.isEmpty();
  }

  private static void start(Action action) {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (IOException closed) {
                // The test sees it.
              }
            },
            "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Action {
    void run() throws IOException;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      start(() -> serve(client));
    }
  }

  private void serve(Socket client) throws IOException {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      int first = in.readUnsignedByte();
      String failure = failures.poll();
      if (RESET.equals(failure)) {
        client.setSoLinger(true, 0);
        return;
      }
      boolean isSocks = first == 4 || first == 5;
      if (isSocks && failure != null && !failure.matches("\\d+")) {
        client.getOutputStream().write(failure.getBytes(StandardCharsets.US_ASCII));
        in.readNBytes(in.available()); // so that closing is no reset
        return;
      }
      int reply = isSocks && failure != null ? Integer.parseInt(failure) : 0;
      switch (first) {
        case 4 -> socks4(in, client.getOutputStream(), failure == null ? 90 : reply);
        case 5 -> socks5(in, client.getOutputStream(), reply);
        default -> {
          String answer = failure == null ? httpAnswer : failure;
          if (!http(first, in, client.getOutputStream(), answer)) {
            return;
          }
        }
      }
      if (failure == null) {
        tunnel(client);
      }
    } catch (EOFException gone) {
      // The client has given up.
    }
  }

  private boolean http(int first, DataInputStream in, OutputStream out, String answer)
      throws IOException {
    StringBuilder head = new StringBuilder().append((char) first);
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    requests.add(head.toString());
    out.write(answer.getBytes(StandardCharsets.US_ASCII));
    return answer.startsWith("HTTP/1.1 200");
  }

  private void socks4(DataInputStream in, OutputStream out, int reply) throws IOException {
    in.readUnsignedByte(); // CONNECT
    int port = in.readUnsignedShort();
    byte[] address = in.readNBytes(4);
    String user = zeroTerminated(in);
    boolean named = address[0] == 0 && address[1] == 0 && address[2] == 0;
    String host = named ? zeroTerminated(in) : InetAddress.getByAddress(address).getHostAddress();
    requests.add("socks4 " + user + " " + host + ":" + port);
    out.write(new byte[] {0, (byte) reply, 0, 0, 0, 0, 0, 0});
  }

  private static String zeroTerminated(DataInputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int b = in.readUnsignedByte(); b != 0; b = in.readUnsignedByte()) {
      text.append((char) b);
    }
    return text.toString();
  }

  private void socks5(DataInputStream in, OutputStream out, int reply) throws IOException {
    byte[] methods = in.readNBytes(in.readUnsignedByte());
    boolean withPassword = new String(methods, StandardCharsets.ISO_8859_1).indexOf(2) >= 0;
    out.write(new byte[] {5, (byte) (withPassword ? 2 : 0)});
    String user = "";
    if (withPassword) {
      in.readUnsignedByte(); // version
      user = counted(in) + "/" + counted(in);
      out.write(new byte[] {1, 0});
    }
    in.skipNBytes(3); // version, CONNECT, reserved
    String host =
        switch (in.readUnsignedByte()) {
          case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
          case 3 -> counted(in);
          default -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
        };
    requests.add("socks5 " + user + " " + host + ":" + in.readUnsignedShort());
    out.write(new byte[] {5, (byte) reply, 0, 1, 127, 0, 0, 1, 0, 1});
  }

  private static String counted(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
  }

  private void tunnel(Socket client) throws IOException {
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      start(() -> copy(server.getInputStream(), client));
      copy(client.getInputStream(), server);
    }
  }

  private static void copy(InputStream in, Socket to) throws IOException {
    in.transferTo(to.getOutputStream());
    to.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
