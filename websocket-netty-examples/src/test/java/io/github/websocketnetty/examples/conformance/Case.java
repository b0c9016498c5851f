package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What a client sends, what it must get back, and how the connection must stand afterwards.
 * Immutable. Numbers start with the chapter of the Autobahn suite that tests the same rule.
 */
final class Case {
  private static final int STAYS_OPEN = 0;
  private static final int CLOSE = 8;
  private static final int PING = 9;

  private final String name;
  private final List<byte[]> writes;
  private final List<RawFrame> answers;
  private final int closeCode;

  private Case(String name, List<byte[]> writes, List<RawFrame> answers, int closeCode) {
    this.name = name;
    this.writes = List.copyOf(writes);
    this.answers = List.copyOf(answers);
    this.closeCode = closeCode;
  }

  /** Starts a case in which nothing is sent and the connection stays open. */
  static Case named(String name) {
    return new Case(name, List.of(), List.of(), STAYS_OPEN);
  }

  /** Sends the frames in one write. */
  Case sends(RawFrame... frames) {
    byte[][] parts = new byte[frames.length][];
    for (int i = 0; i < frames.length; i++) {
      parts[i] = frames[i].bytes();
    }
    return sends(concat(parts));
  }

  /** Sends the bytes in one write. */
  Case sends(byte[] bytes) {
    return new Case(name, plus(writes, bytes), answers, closeCode);
  }

  /** Expects these frames, after those expected before. */
  Case gets(RawFrame... frames) {
    List<RawFrame> more = new ArrayList<>(answers);
    more.addAll(List.of(frames));
    return new Case(name, writes, more, closeCode);
  }

  /** Expects, at the end, one close frame with {@code code} and the server's FIN. */
  Case fails(int code) {
    return new Case(name, writes, answers, code);
  }

  /** Returns the case with all it sends in one write. */
  Case inOneWrite() {
    List<byte[]> one = List.of(concat(writes.toArray(byte[][]::new)));
    return new Case(name + ", in one write", one, answers, closeCode);
  }

  /** Returns the case with all it sends in writes of {@code size} bytes. */
  Case chopped(int size) {
    byte[] all = concat(writes.toArray(byte[][]::new));
    List<byte[]> chops = new ArrayList<>();
    for (int i = 0; i < all.length; i += size) {
      chops.add(Arrays.copyOfRange(all, i, Math.min(all.length, i + size)));
    }
    return new Case(name + ", in chops of " + size, chops, answers, closeCode);
  }

  /** Returns the case preceded by a message that is echoed, all in the same write. */
  Case afterMessage() {
    return after(RawFrame.text("a good message"));
  }

  /** Returns the case preceded, in the same write, by messages and pings that are answered. */
  Case after(RawFrame... frames) {
    Case before = named(name + ", after " + frames.length + " frames");
    for (RawFrame frame : frames) {
      boolean ping = frame.opcode() == PING;
      before = before.sends(frame).gets(ping ? RawFrame.pong(frame.payload()) : frame);
    }
    return before.then(this).inOneWrite();
  }

  /** Returns this case with the other one behind it. */
  Case then(Case other) {
    List<byte[]> allWrites = new ArrayList<>(writes);
    allWrites.addAll(other.writes);
    List<RawFrame> allAnswers = new ArrayList<>(answers);
    allAnswers.addAll(other.answers);
    return new Case(name, allWrites, allAnswers, other.closeCode);
  }

  /** Plays the case against the server on {@code port}; a failure carries the case's name. */
  void run(int port) {
    run(port, this::expectAnswers);
  }

  /**
   * Plays the case against a server that answers messages on another thread than control frames:
   * the two kinds of answer need not be in order with each other, and a violation may come before
   * the last messages are answered.
   */
  void runUnordered(int port) {
    run(port, this::expectUnordered);
  }

  private void run(int port, Expectation expectation) {
    try (RawClient client = RawClient.open(port)) {
      for (byte[] write : writes) {
        client.send(write);
      }
      expectation.check(client);
    } catch (IOException | AssertionError e) {
      throw new AssertionError(name + ": " + e.getMessage(), e);
    }
  }

  private void expectAnswers(RawClient client) throws IOException {
    for (RawFrame answer : answers) {
      client.expect(answer);
    }
    if (closeCode == STAYS_OPEN) {
      client.closeNormally();
    } else {
      client.expectClose(closeCode);
    }
  }

  private void expectUnordered(RawClient client) throws IOException {
    Deque<RawFrame> control = new ArrayDeque<>(answers);
    control.removeIf(frame -> !frame.isControl());
    Deque<RawFrame> data = new ArrayDeque<>(answers);
    data.removeIf(RawFrame::isControl);
    boolean mayBeCut = closeCode != STAYS_OPEN;
    while (mayBeCut || !control.isEmpty() || !data.isEmpty()) {
      RawFrame frame = client.read();
      if (mayBeCut && frame.opcode() == CLOSE) {
        assertEquals(closeCode, frame.closeCode());
        assertEquals(0, control.size(), "unanswered pings");
        client.expectEnd();
        return;
      }
      assertEquals((frame.isControl() ? control : data).poll(), frame);
    }
    client.closeNormally();
  }

  /** What must come back. */
  @FunctionalInterface
  private interface Expectation {
    void check(RawClient client) throws IOException;
  }

  private static List<byte[]> plus(List<byte[]> writes, byte[] write) {
    List<byte[]> more = new ArrayList<>(writes);
    more.add(write);
    return more;
  }

  @Override
  public String toString() {
    return name;
  }
}
