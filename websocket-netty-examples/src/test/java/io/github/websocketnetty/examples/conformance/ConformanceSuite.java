package io.github.websocketnetty.examples.conformance;

import io.github.websocketnetty.examples.Api;
import io.github.websocketnetty.examples.support.EchoServers;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.ServerKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Plays cases against the echo server, over real sockets, in each of its kinds. */
@ParameterizedClass(name = "{0}")
@EnumSource
@ExtendWith(LeakFailure.class)
abstract class ConformanceSuite {
  @Parameter ServerKind server;

  int port;

  @BeforeEach
  void findServer() throws Exception {
    server.assumeAvailable();
    port = EchoServers.port(server);
  }

  void play(Case played) {
    if (server.api() == Api.BLOCKING) {
      played.runUnordered(port);
    } else {
      played.run(port);
    }
  }
}
