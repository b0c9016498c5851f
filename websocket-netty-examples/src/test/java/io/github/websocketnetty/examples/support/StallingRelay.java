package io.github.websocketnetty.examples.support;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Passes TCP connections on, and can make them silent: they stay open, but no byte passes any more.
 * Both sides of a connection see that when a machine sleeps or a network goes away.
 */
public final class StallingRelay implements Closeable {
  private final int target;
  private final ServerSocket listening;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "relay");
            thread.setDaemon(true);
            return thread;
          });

  /** Those of the connections that were accepted since the last call of {@link #stall}. */
  private volatile AtomicBoolean isStalled = new AtomicBoolean();

  private StallingRelay(int target) throws IOException {
    this.target = target;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  /** Starts a relay to a port of this machine. */
  public static StallingRelay to(int port) throws IOException {
    StallingRelay relay = new StallingRelay(port);
    relay.threads.execute(relay::accept);
    return relay;
  }

  /** Returns the port on which the relay listens. */
  public int port() {
    return listening.getLocalPort();
  }

  /** Makes all connections silent that are open now. Later ones pass. */
  public void stall() {
    AtomicBoolean present = isStalled;
    isStalled = new AtomicBoolean();
    present.set(true);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.addAll(List.of(client, server));
        AtomicBoolean stalled = isStalled;
        threads.execute(() -> pump(client, server, stalled));
        threads.execute(() -> pump(server, client, stalled));
      }
    } catch (IOException closed) {
      // close() ends this thread, too
    }
  }

  private static void pump(Socket from, Socket to, AtomicBoolean isStalled) {
    byte[] buffer = new byte[8192];
    try {
      InputStream input = from.getInputStream();
      OutputStream output = to.getOutputStream();
      for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
        if (!isStalled.get()) {
          output.write(buffer, 0, length);
        }
      }
      if (!isStalled.get()) {
        to.shutdownOutput();
      }
    } catch (IOException ended) {
      // the other side has ended the connection, or close() has
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdown();
  }
}
