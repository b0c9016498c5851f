package io.github.websocketnetty.conversation;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.websocketnetty.protocol.Side;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the two sides of a conversation do, step by step. {@link #toString} is Java that makes the
 * same program, to be pasted into a test.
 */
final class Program {
  /** For {@link #compressed}: messages do not refer to earlier ones. */
  static final int WITHOUT_CONTEXT = 1;

  /** For {@link #compressed}: they do. */
  static final int WITH_CONTEXT = 2;

  private final Map<Side, Map<Option, Integer>> options = new EnumMap<>(Side.class);
  private final List<Step> steps = new ArrayList<>();
  private int deflate;

  Program() {
    options.put(Side.CLIENT, new EnumMap<>(Option.class));
    options.put(Side.SERVER, new EnumMap<>(Option.class));
  }

  /** Returns a program with the same options and other steps. */
  Program with(List<Step> otherSteps) {
    Program other = new Program().compressed(deflate);
    options.forEach((side, chosen) -> other.options.get(side).putAll(chosen));
    other.steps.addAll(otherSteps);
    return other;
  }

  Program compressed(int how) {
    deflate = how;
    return this;
  }

  Program client(Option option, int value) {
    options.get(Side.CLIENT).put(option, value);
    return this;
  }

  Program server(Option option, int value) {
    options.get(Side.SERVER).put(option, value);
    return this;
  }

  Program client(Act act, int... numbers) {
    return step(Side.CLIENT, act, numbers);
  }

  Program server(Act act, int... numbers) {
    return step(Side.SERVER, act, numbers);
  }

  private Program step(Side side, Act act, int... numbers) {
    int a = numbers.length > 0 ? numbers[0] : 0;
    int b = numbers.length > 1 ? numbers[1] : 0;
    steps.add(new Step(side, act, a, b, false, false));
    return this;
  }

  /** The last step is done on another thread than the event loop. */
  Program elsewhere() {
    steps.add(steps.remove(steps.size() - 1).elsewhere(true));
    return this;
  }

  /** The last step is done when the side's last future completes, within that. */
  Program whenDone() {
    steps.add(steps.remove(steps.size() - 1).continuation(true));
    return this;
  }

  int deflate() {
    return deflate;
  }

  Map<Option, Integer> options(Side side) {
    return options.get(side);
  }

  List<Step> steps() {
    return steps;
  }

  /** Returns whether nothing in it can keep the connection from ending well. */
  boolean isTame() {
    return Tameness.isTame(this);
  }

  /** Runs it. Returns what is wrong; nothing, one hopes. */
  List<String> run() {
    return new Conversation(this).run();
  }

  /** Runs it and fails if anything is wrong. */
  void check() {
    List<String> complaints = run();
    if (!complaints.isEmpty()) {
      fail(String.join("\n", complaints) + "\n" + this);
    }
  }

  /** Returns it as Java. */
  @Override
  public String toString() {
    StringBuilder java = new StringBuilder("    new Program()");
    if (deflate != 0) {
      java.append("\n        .compressed(").append(deflate).append(')');
    }
    options.forEach(
        (side, chosen) ->
            chosen.forEach(
                (option, value) ->
                    java.append("\n        .")
                        .append(side == Side.CLIENT ? "client" : "server")
                        .append("(Option.")
                        .append(option)
                        .append(", ")
                        .append(value)
                        .append(')')));
    steps.forEach(step -> java.append("\n        ").append(step));
    return java.append("\n        .check();\n").toString();
  }
}
