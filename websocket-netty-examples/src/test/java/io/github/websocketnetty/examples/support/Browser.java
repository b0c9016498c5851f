package io.github.websocketnetty.examples.support;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A headless Chromium, led by the protocol of its developer tools: WebSocket, spoken by the client
 * of this library.
 */
public final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocketClient client;
  private final BlockingConnection tools;
  private int requests;

  private Browser(Process process, WebSocketClient client, BlockingConnection tools) {
    this.process = process;
    this.client = client;
    this.tools = tools;
  }

  /**
   * Starts a browser. Skips the test where there is none, unless the environment variable {@code
   * CI} is set: then it fails.
   *
   * @param folder for its files
   */
  public static Browser start(Path folder) throws IOException {
    Path program = find();
    if (program == null) {
      String problem = "no Chromium on the PATH (Debian: apt-get install chromium)";
      assertTrue(System.getenv("CI") == null, problem);
      assumeTrue(false, problem);
    }
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--headless=new",
            "--no-sandbox", // for root, as which builds run in containers
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--window-size=1000,640",
            "--user-data-dir=" + folder,
            "--remote-debugging-port=0",
            "about:blank"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    WebSocketClient client =
        WebSocketClient.builder()
            .options(ConnectionOptions.builder().maxMessageSize(64 << 20).build())
            .build();
    BlockingConnection tools =
        client.connect(URI.create(address(process.inputReader()))).join().blocking();
    drain(process);
    return new Browser(process, client, tools);
  }

  private static Path find() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static String address(BufferedReader output) throws IOException {
    StringBuilder printed = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        return listening.group(1);
      }
      printed.append(line).append('\n');
    }
    throw new IOException("the browser ended:\n" + printed);
  }

  /** It stops when nobody reads what it prints. */
  private static void drain(Process process) {
    Thread drain = new Thread(() -> process.inputReader().lines().forEach(line -> {}), "browser");
    drain.setDaemon(true);
    drain.start();
  }

  /** Opens a tab with a profile of its own. */
  public Tab open(String uri) throws TimeoutException {
    String context = call("Target.createBrowserContext", "{}", null);
    String parameters =
        "{\"url\":\""
            + uri
            + "\",\"browserContextId\":\""
            + field(context, "browserContextId")
            + "\"}";
    String target = field(call("Target.createTarget", parameters, null), "targetId");
    String attached =
        call("Target.attachToTarget", "{\"targetId\":\"" + target + "\",\"flatten\":true}", null);
    return new Tab(field(attached, "sessionId"));
  }

  private String call(String method, String parameters, String session) throws TimeoutException {
    int id = ++requests;
    tools.send(
        "{\"id\":"
            + id
            + ",\"method\":\""
            + method
            + "\",\"params\":"
            + parameters
            + (session == null ? "" : ",\"sessionId\":\"" + session + "\"")
            + "}");
    while (true) {
      String answer = tools.recvText(PATIENCE);
      if (answer.startsWith("{\"id\":" + id + ",")) {
        assertFalse(answer.contains("\"error\":{"), answer);
        return answer;
      }
    }
  }

  private static String field(String json, String name) {
    Matcher field = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    assertTrue(field.find(), json);
    return field.group(1);
  }

  @Override
  public void close() throws Exception {
    client.close().get(10, TimeUnit.SECONDS);
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** A page in the browser. One thread at a time uses all of them. */
  public final class Tab {
    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    /** Returns the value of an expression, which must be a text without quotes and escapes. */
    public String evaluate(String expression) throws TimeoutException {
      String escaped = expression.replace("\\", "\\\\").replace("\"", "\\\"");
      String answer =
          call(
              "Runtime.evaluate",
              "{\"expression\":\"String(" + escaped + ")\",\"returnByValue\":true}",
              session);
      assertFalse(answer.contains("exceptionDetails"), answer);
      return field(answer, "value");
    }

    /** Waits until an expression is what a pattern says. */
    public void await(String expression, String pattern) throws Exception {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      String value = attempt(expression);
      while (!value.matches(pattern)) {
        assertTrue(System.nanoTime() < deadline, expression + " is " + value);
        Thread.sleep(20); // a browser tells nobody when its page has changed
        value = attempt(expression);
      }
    }

    /** A page that is being loaded has not everything yet, or goes away meanwhile. */
    private String attempt(String expression) throws TimeoutException {
      try {
        return evaluate(expression);
      } catch (AssertionError notYet) {
        return notYet.getMessage();
      }
    }

    /** Loads the page anew and waits until that is done. */
    public void reload() throws Exception {
      evaluate("window.isOld = true");
      call("Page.reload", "{}", session);
      await("window.isOld + document.readyState", "undefinedcomplete");
    }

    /** Goes to another page, as a click on a link does. */
    public void goTo(String uri) throws Exception {
      evaluate("location.assign('" + uri + "')");
      await("location.href", Pattern.quote(uri));
    }

    /** Goes to the page before, which may have been kept as it was or is loaded anew. */
    public void goBack() throws TimeoutException {
      evaluate("history.back()");
    }

    /** Stops all code of the page, as a browser does with hidden tabs. */
    public void freeze() throws TimeoutException {
      setLifecycleState("frozen");
    }

    /** Lets the code of the page run again. */
    public void unfreeze() throws TimeoutException {
      setLifecycleState("active");
    }

    private void setLifecycleState(String state) throws TimeoutException {
      call("Page.setWebLifecycleState", "{\"state\":\"" + state + "\"}", session);
    }

    /** Returns a picture of the page, in PNG. */
    public byte[] screenshot() throws TimeoutException {
      return Base64.getDecoder()
          .decode(field(call("Page.captureScreenshot", "{}", session), "data"));
    }
  }
}
