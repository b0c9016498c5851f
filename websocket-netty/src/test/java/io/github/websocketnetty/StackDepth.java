package io.github.websocketnetty;

import java.util.stream.Stream;

/** How deep the stack is where it is asked. */
final class StackDepth {
  private StackDepth() {}

  static int now() {
    return StackWalker.getInstance().walk(Stream::count).intValue();
  }
}
