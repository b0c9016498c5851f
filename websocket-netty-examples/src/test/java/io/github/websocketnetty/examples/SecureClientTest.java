package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.CommandRun;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The client with {@code wss}, against the JDK's TLS. */
@ExtendWith(LeakFailure.class)
class SecureClientTest {
  private static final String PASSWORD = "secret";
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";

  @TempDir static Path folder;

  private static SSLContext tls;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = folder.resolve("localhost.p12");
    String arguments =
        "-genkeypair -alias it -keyalg EC -validity 2 -dname CN=localhost -ext SAN=dns:localhost"
            + " -storetype PKCS12 -storepass secret -keystore";
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/keytool");
    command.addAll(List.of(arguments.split(" ")));
    command.add(store.toString());
    Process keytool = new ProcessBuilder(command).start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(store)) {
      keys.load(file, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    System.setProperty(TRUST_STORE, store.toString());
    System.setProperty(TRUST_STORE + "Password", PASSWORD);
  }

  @AfterAll
  static void trustTheDefaultAgain() {
    System.clearProperty(TRUST_STORE);
    System.clearProperty(TRUST_STORE + "Password");
  }

  @Test
  void echoComesThroughTls() throws Exception {
    try (RawServer server = newServer()) {
      CommandRun run = run("wss://localhost:" + server.port() + "/");
      assertEquals("", run.err());
      assertTrue(run.out().contains("< and back"), run.out());
      assertTrue(run.out().contains("Connection closed: 1000 (OK)."), run.out());
      assertEquals(0, run.status());
    }
  }

  @Test
  void certificateForAnotherNameIsRefused() throws Exception {
    try (RawServer server = newServer()) {
      CommandRun run = run("wss://127.0.0.1:" + server.port() + "/");
      assertTrue(run.err().startsWith("Failed to connect to wss://127.0.0.1"), run.err());
      assertEquals(1, run.status());
    }
  }

  private static RawServer newServer() throws Exception {
    return RawServer.start(
        tls.getServerSocketFactory().createServerSocket(0, 0, InetAddress.getLoopbackAddress()),
        client -> {
          client.expect(text("there"));
          client.send(text("and back"));
          client.expect(close(1000, ""));
          client.send(close(1000, ""));
        });
  }

  private static CommandRun run(String uri) {
    InputStream input = new ByteArrayInputStream("there\n".getBytes(StandardCharsets.UTF_8));
    CommandLine client =
        new CommandLine(new TerminalClient(input, false))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(Duration.class, new Seconds());
    return CommandRun.of(client, uri);
  }
}
