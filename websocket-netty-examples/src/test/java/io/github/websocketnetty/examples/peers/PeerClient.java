package io.github.websocketnetty.examples.peers;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client of somebody else. It is told what to do, and tells what happens, in lines:
 *
 * <ul>
 *   <li>{@code text …}, {@code binary 100}: sends, or has received, a message; a binary one of so
 *       many bytes of {@link #pattern}
 *   <li>{@code fragments 3}: sends {@code "part 0 "}, {@code "part 1 "} and so on as one message
 *   <li>{@code ping}: sends a ping; {@code pong}: has received one
 *   <li>{@code close 1000 reason}: closes; {@code closed 1000 reason}: is closed
 * </ul>
 */
interface PeerClient extends AutoCloseable {
  int PATIENCE_SECONDS = 30;

  void tell(String command) throws Exception;

  /** Returns what happens next; null if nothing does. */
  String next() throws Exception;

  /** Returns what a message is called. */
  static String describe(byte[] binary) {
    return Arrays.equals(binary, pattern(binary.length)) ? "binary " + binary.length : "broken";
  }

  static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return bytes;
  }

  /** Waits no longer than a test has patience. */
  static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
