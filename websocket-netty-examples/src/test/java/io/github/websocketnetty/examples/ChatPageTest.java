package io.github.websocketnetty.examples;

import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.Browser;
import io.github.websocketnetty.examples.support.StallingRelay;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page of the chat in a real browser. */
@Timeout(300)
class ChatPageTest {
  private static final String MESSAGES =
      "[...document.querySelectorAll('#messages li')].map(li => li.lastChild.data).join('|')";
  private static final String PEOPLE =
      "[...document.querySelectorAll('#people li')].map(li => li.textContent).join('|')";
  private static final String STATUS = "document.getElementById('status').textContent";

  @TempDir(cleanup = CleanupMode.NEVER) // it may still write when it is told to end
  static Path folder;

  private Browser browser;
  private WebSocketServer server;

  @BeforeEach
  void start() throws Exception {
    browser = Browser.start(folder);
    server = start(0);
  }

  @AfterEach
  void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close().get(10, TimeUnit.SECONDS);
    }
  }

  private static WebSocketServer start(int port) throws Exception {
    return Chat.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .get(10, TimeUnit.SECONDS);
  }

  private Browser.Tab enter(String name) throws Exception {
    return enter(name, server.port());
  }

  private Browser.Tab enter(String name, int port) throws Exception {
    Browser.Tab tab = browser.open("http://127.0.0.1:" + port + "/#tea room");
    tab.await("document.readyState + document.getElementById('enter')?.open", "completetrue");
    tab.evaluate("document.getElementById('name').value = '" + name + "'");
    tab.evaluate("document.getElementById('who').requestSubmit()");
    tab.await(STATUS, "connected.*");
    return tab;
  }

  private static void say(Browser.Tab tab, String text) throws Exception {
    tab.evaluate("document.getElementById('text').value = '" + text + "'");
    tab.evaluate("document.getElementById('say').requestSubmit()");
  }

  @Test
  void twoPeopleChatThroughReloadsAndRestarts() throws Exception {
    Browser.Tab ann = enter("Ann");
    Browser.Tab bob = enter("Bob");
    ann.await(PEOPLE, "Ann\\|Bob");
    say(ann, "Is the kettle on?");
    bob.await(MESSAGES, "Is the kettle on\\?");
    say(bob, "For ten minutes");
    ann.await(MESSAGES, "Is the kettle on\\?\\|For ten minutes");
    ann.await(STATUS, "connected, \\d+\\.\\d ms");
    Browser.Tab cid = enter("Cid");
    cid.await(MESSAGES, "Is the kettle on\\?\\|For ten minutes");
    say(cid, "Then I am in time. Who has the biscuits?");
    ann.await(MESSAGES, ".*biscuits\\?");
    ann.await(PEOPLE, "Ann\\|Bob\\|Cid");
    saveScreenshot(ann);
    cid.goTo("about:blank");
    ann.await(PEOPLE, "Ann\\|Bob");

    bob.reload();
    bob.await(STATUS, "connected.*");
    bob.await(MESSAGES, "Is the kettle on\\?\\|For ten minutes\\|.*");
    ann.await(PEOPLE, "Ann\\|Bob");
    say(bob, "I was away");
    ann.await(MESSAGES, ".*\\|I was away");

    int port = server.port();
    server.close().get(10, TimeUnit.SECONDS);
    ann.await(STATUS, "reconnecting.*");
    say(ann, "said while nobody listened");
    server = start(port);
    ann.await(STATUS, "connected.*");
    bob.await(STATUS, "connected.*");
    ann.await(PEOPLE, "Ann\\|Bob");
    bob.await(MESSAGES, ".*\\|I was away\\|said while nobody listened");
    ann.await(MESSAGES, "Is the kettle on.*\\|I was away\\|said while nobody listened");
  }

  @Test
  void thoseWhoLeaveThePageAreGoneUntilTheyComeBack() throws Exception {
    Browser.Tab ann = enter("Ann");
    Browser.Tab cid = enter("Cid");
    ann.await(PEOPLE, "Ann\\|Cid");
    say(cid, "I look something up");
    ann.await(MESSAGES, "I look something up");
    cid.goTo("about:blank");
    ann.await(PEOPLE, "Ann");
    say(ann, "Take your time");
    cid.goBack();
    ann.await(PEOPLE, "Ann\\|Cid");
    cid.await(STATUS, "connected.*");
    cid.await(PEOPLE, "Ann\\|Cid");
    cid.await(MESSAGES, "I look something up\\|Take your time");
    say(cid, "Back again");
    ann.await(MESSAGES, ".*\\|Back again");
  }

  @Test
  void aFrozenTabIsGoneUntilItRunsAgain() throws Exception {
    Browser.Tab ann = enter("Ann");
    Browser.Tab cid = enter("Cid");
    ann.await(PEOPLE, "Ann\\|Cid");
    cid.freeze();
    ann.await(PEOPLE, "Ann");
    say(ann, "Asleep?");
    cid.unfreeze();
    ann.await(PEOPLE, "Ann\\|Cid");
    cid.await(STATUS, "connected.*");
    cid.await(MESSAGES, "Asleep\\?");
  }

  @Test
  void aConnectionThatDiedWithoutAWordIsReplaced() throws Exception {
    try (StallingRelay relay = StallingRelay.to(server.port())) {
      Browser.Tab ann = enter("Ann");
      Browser.Tab bob = enter("Bob", relay.port());
      bob.await(PEOPLE, "Ann\\|Bob");
      relay.stall();
      say(ann, "Did your machine sleep?");
      bob.await(MESSAGES, "Did your machine sleep\\?");
      bob.await(STATUS, "connected.*");
      say(bob, "It did");
      ann.await(MESSAGES, ".*\\|It did");
    }
  }

  /** For the README: where the environment says. */
  private static void saveScreenshot(Browser.Tab tab) throws Exception {
    String file = System.getenv("CHAT_SCREENSHOT");
    if (file != null) {
      Files.write(Path.of(file), tab.screenshot());
    }
  }
}
