package io.github.websocketnetty.examples.peers;

import io.github.websocketnetty.examples.support.Browser;
import io.github.websocketnetty.examples.support.ModuleFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The WebSocket of a page in Chromium, which sends neither pings nor fragments for programs. */
final class BrowserPeer implements PeerClient {
  private static final String PAGE =
      """
      events = [];
      pattern = length => Uint8Array.from({length}, (_, i) => i * 31);
      isPattern = bytes => bytes.every((byte, i) => byte === (i * 31 & 255));
      describe = bytes => isPattern(bytes) ? 'binary ' + bytes.length : 'broken';
      ws = new WebSocket('%s');
      ws.binaryType = 'arraybuffer';
      ws.onopen = () => events.push('opened');
      ws.onclose = e => events.push(`closed ${e.code} ${e.reason}`);
      ws.onmessage = ({data}) =>
          events.push(typeof data === 'string' ? 'text ' + data : describe(new Uint8Array(data)));
      """;

  private final Browser browser;
  private final Browser.Tab tab;

  private BrowserPeer(Browser browser, Browser.Tab tab) {
    this.browser = browser;
    this.tab = tab;
  }

  static BrowserPeer connect(URI uri) throws Exception {
    Browser browser = Browser.start(Files.createTempDirectory(ModuleFiles.target(), "browser"));
    BrowserPeer peer = new BrowserPeer(browser, browser.open("about:blank"));
    peer.run(PAGE.formatted(uri).replace("\n", " "));
    if (!peer.next().equals("opened")) {
      throw new IOException("no connection to " + uri);
    }
    return peer;
  }

  private void run(String statements) throws Exception {
    tab.evaluate("(() => { " + statements + " })()");
  }

  @Override
  public void tell(String command) throws Exception {
    String[] words = command.split(" ", 2);
    switch (words[0]) {
      case "text" -> run("ws.send('" + words[1] + "')");
      case "binary" -> run("ws.send(pattern(" + words[1] + "))");
      case "close" -> {
        String[] status = words[1].split(" ");
        run("ws.close(" + status[0] + ", '" + status[1] + "')");
      }
      default -> throw new UnsupportedOperationException(command);
    }
  }

  @Override
  public String next() throws Exception {
    tab.await("events.length > 0", "true");
    String event = tab.evaluate("encodeURIComponent(events.shift())");
    return URLDecoder.decode(event, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    browser.close();
  }
}
