package io.github.websocketnetty;

/** The two types of message. */
public enum MessageType {
  /** UTF-8 text. */
  TEXT,
  /** Any bytes. */
  BINARY
}
