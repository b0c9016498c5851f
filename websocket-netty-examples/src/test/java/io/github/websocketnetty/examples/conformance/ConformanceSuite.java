package io.github.websocketnetty.examples.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.examples.Transport;
import io.github.websocketnetty.examples.support.EchoServers;
import io.github.websocketnetty.examples.support.LeakFailure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Plays cases against the echo server, over real sockets, on each transport. */
@ParameterizedClass(name = "{0}")
@EnumSource(
    value = Transport.class,
    names = {"NIO", "EPOLL"})
@ExtendWith(LeakFailure.class)
abstract class ConformanceSuite {
  @Parameter Transport transport;

  int port;

  @BeforeEach
  void findServer() throws Exception {
    assumeTrue(transport.isAvailable(), () -> transport + " is not available here");
    port = EchoServers.port(transport);
  }

  void play(Case played) {
    played.run(port);
  }
}
