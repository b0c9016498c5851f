package io.github.websocketnetty.examples;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.MessageType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The code of the README: a file as one message, never whole in memory. */
final class FileTransfer {
  private FileTransfer() {}

  static void send(BlockingConnection ws, Path source) throws IOException {
    byte[] chunk = new byte[64 << 10];
    try (InputStream file = Files.newInputStream(source);
        BlockingConnection.Writer message = ws.sendStreaming(MessageType.BINARY)) {
      for (int n; (n = file.read(chunk)) > 0; ) {
        message.write(chunk, 0, n); // waits while the peer is slow
      }
      message.finish(); // without it the connection fails: no part of a file looks like the whole
    }
  }

  static void receive(BlockingConnection ws, Path target) throws IOException {
    try (BlockingConnection.Reader message = ws.recvStreaming();
        InputStream body = message.asInputStream()) {
      Files.copy(body, target);
    }
  }
}
