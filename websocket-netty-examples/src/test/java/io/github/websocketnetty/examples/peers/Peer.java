package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;

/** Whom we speak with. */
enum Peer {
  JDK {
    @Override
    PeerClient connect(URI uri) throws Exception {
      return JdkPeer.connect(uri);
    }

    @Override
    PeerServer listen() {
      throw new UnsupportedOperationException("the JDK has no server");
    }
  },
  JAVA_WEBSOCKET {
    @Override
    PeerClient connect(URI uri) throws Exception {
      return JavaWebSocketPeer.connect(uri);
    }

    @Override
    PeerServer listen() throws Exception {
      return JavaWebSocketPeer.listen();
    }
  },
  PYTHON_WEBSOCKETS {
    @Override
    PeerClient connect(URI uri) throws Exception {
      return python().client(uri);
    }

    @Override
    PeerServer listen() throws Exception {
      return python().server();
    }

    private ScriptPeer python() throws IOException, InterruptedException {
      return present(
          new ScriptPeer("/usr/bin/python3", "peer.py", "import websockets", "-c"),
          "python3-websockets");
    }
  },
  NODE_WS {
    @Override
    PeerClient connect(URI uri) throws Exception {
      return node().client(uri);
    }

    @Override
    PeerServer listen() throws Exception {
      return node().server();
    }

    private ScriptPeer node() throws IOException, InterruptedException {
      return present(new ScriptPeer("node", "peer.js", "require('ws')", "-e"), "node-ws");
    }
  };

  abstract PeerClient connect(URI uri) throws Exception;

  abstract PeerServer listen() throws Exception;

  /** Skips the test if the peer is not installed, unless {@code CI} is set: then it fails. */
  private static ScriptPeer present(ScriptPeer peer, String debianPackage)
      throws IOException, InterruptedException {
    if (!peer.isInstalled()) {
      String problem = "peer is not installed (Debian: apt-get install " + debianPackage + ")";
      assertTrue(System.getenv("CI") == null, problem);
      assumeTrue(false, problem);
    }
    return peer;
  }
}
