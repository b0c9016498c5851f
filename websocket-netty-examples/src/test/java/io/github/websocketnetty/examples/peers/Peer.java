package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.protocol.DeflateOptions;
import java.io.IOException;
import java.net.URI;

/** Whom we speak with. */
enum Peer {
  JDK(JdkPeer::connect, null),
  JAVA_WEBSOCKET(JavaWebSocketPeer::connect, JavaWebSocketPeer::listen),
  OKHTTP(OkHttpPeer::connect, null),
  JETTY(JettyPeer::connect, JettyPeer::listen),
  NETTY(NettyPeer::connect, NettyPeer::listen),
  PYTHON_WEBSOCKETS(uri -> python().client(uri), () -> python().server()),
  NODE_WS(uri -> node().client(uri), () -> node().server()),
  CHROMIUM(BrowserPeer::connect, null);

  private final Client client;
  private final Server server;

  Peer(Client client, Server server) {
    this.client = client;
    this.server = server;
  }

  PeerClient connect(URI uri) throws Exception {
    return client.connect(uri);
  }

  PeerServer listen() throws Exception {
    return server.listen();
  }

  boolean isServerToo() {
    return server != null;
  }

  boolean compresses() {
    return this != JDK;
  }

  /** Tells whether programs can have pings and fragments sent. */
  boolean sendsAllFrames() {
    return this != OKHTTP && this != CHROMIUM;
  }

  /** Returns what we offer. */
  DeflateOptions deflate() {
    boolean takeover = this != JAVA_WEBSOCKET; // which demands that there be none
    return DeflateOptions.builder()
        .serverContextTakeover(takeover)
        .clientContextTakeover(takeover)
        .build();
  }

  static ScriptPeer python() throws IOException, InterruptedException {
    return present(
        new ScriptPeer("/usr/bin/python3", "peer.py", "import websockets", "-c"),
        "python3-websockets");
  }

  static ScriptPeer node() throws IOException, InterruptedException {
    return present(new ScriptPeer("node", "peer.js", "require('ws')", "-e"), "node-ws");
  }

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

  private interface Client {
    PeerClient connect(URI uri) throws Exception;
  }

  private interface Server {
    PeerServer listen() throws Exception;
  }
}
