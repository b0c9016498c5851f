package io.github.websocketnetty.benchmarks.endtoend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerTest {
  @ParameterizedTest
  @EnumSource
  void everyServerKnowsItsVersion(Peer peer) {
    assertTrue(peer.version().matches("[0-9]+[.][0-9]+[.].+"), peer.version());
  }
}
