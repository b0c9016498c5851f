package io.github.websocketnetty.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port that does not answer: its backlog is full, so that the system drops what arrives. */
public final class BlackHole implements AutoCloseable {
  private static final int MAX_BACKLOG = 64;
  private static final int SILENCE_MILLIS = 300;

  private final ServerSocket listener;
  private final List<Socket> waiting = new ArrayList<>();

  public BlackHole(InetAddress address, int port) throws IOException {
    listener = new ServerSocket(port, 1, address);
    for (int i = 0; i < MAX_BACKLOG; i++) {
      Socket socket = new Socket();
      waiting.add(socket);
      try {
        socket.connect(listener.getLocalSocketAddress(), SILENCE_MILLIS);
      } catch (SocketTimeoutException full) {
        return;
      }
    }
    close();
    throw new IOException("the backlog of " + listener + " has no end");
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : waiting) {
      socket.close();
    }
    listener.close();
  }
}
