package io.github.websocketnetty.examples.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.examples.Api;
import io.github.websocketnetty.examples.Transport;

/** The ways in which an echo server is written and talks to the operating system. */
public enum ServerKind {
  /** {@link Api#CONNECTION} everywhere. */
  CONNECTION_NIO(Api.CONNECTION, Transport.NIO),
  /** {@link Api#CONNECTION} on Linux. */
  CONNECTION_EPOLL(Api.CONNECTION, Transport.EPOLL),
  /** {@link Api#HANDLER} everywhere. */
  HANDLER_NIO(Api.HANDLER, Transport.NIO),
  /** {@link Api#HANDLER} on Linux. */
  HANDLER_EPOLL(Api.HANDLER, Transport.EPOLL),
  /** {@link Api#BLOCKING} everywhere. */
  BLOCKING_NIO(Api.BLOCKING, Transport.NIO);

  private final Api api;
  private final Transport transport;

  ServerKind(Api api, Transport transport) {
    this.api = api;
    this.transport = transport;
  }

  /** Returns how the server is written. */
  public Api api() {
    return api;
  }

  /** Returns how the server talks to the operating system. */
  public Transport transport() {
    return transport;
  }

  /** Skips the test if there is no such server on this machine. */
  public void assumeAvailable() {
    assumeTrue(transport.isAvailable(), () -> transport + " is not available here");
  }
}
