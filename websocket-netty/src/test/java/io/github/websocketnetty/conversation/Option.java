package io.github.websocketnetty.conversation;

import io.github.websocketnetty.ConnectionOptions;
import java.time.Duration;
import java.util.Map;

/** What a program can set for one side. Times are in milliseconds. */
enum Option {
  MAX_QUEUE(16),
  MAX_QUEUE_BYTES(16 << 20),
  WRITE_LIMIT(32_768),
  MAX_PENDING_SEND_BYTES(16 << 20),
  PING_INTERVAL(20_000),
  PING_TIMEOUT(20_000),
  CLOSE_TIMEOUT(10_000),
  MAX_MESSAGE_SIZE(1 << 20);

  final int usual;

  Option(int usual) {
    this.usual = usual;
  }

  int in(Map<Option, Integer> chosen) {
    return chosen.getOrDefault(this, usual);
  }

  static ConnectionOptions build(Map<Option, Integer> chosen) {
    return ConnectionOptions.builder()
        .maxQueue(MAX_QUEUE.in(chosen))
        .maxQueueBytes(MAX_QUEUE_BYTES.in(chosen))
        .writeLimit(WRITE_LIMIT.in(chosen))
        .maxPendingSendBytes(MAX_PENDING_SEND_BYTES.in(chosen))
        .pingInterval(Duration.ofMillis(PING_INTERVAL.in(chosen)))
        .pingTimeout(Duration.ofMillis(PING_TIMEOUT.in(chosen)))
        .closeTimeout(Duration.ofMillis(CLOSE_TIMEOUT.in(chosen)))
        .maxMessageSize(MAX_MESSAGE_SIZE.in(chosen))
        .build();
  }
}
