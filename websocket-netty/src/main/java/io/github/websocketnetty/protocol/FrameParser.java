package io.github.websocketnetty.protocol;

/** Turns bytes into frames. */
public final class FrameParser {
  private FrameParser() {}
}
