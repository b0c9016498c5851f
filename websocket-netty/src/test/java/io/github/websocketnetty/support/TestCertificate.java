package io.github.websocketnetty.support;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for {@code localhost} that nobody has signed but itself; made by the JDK. */
public final class TestCertificate {
  private static final String PASSWORD = "secret";
  private static final KeyStore STORE = make();

  private TestCertificate() {}

  private static KeyStore make() {
    try {
      Path folder = Files.createTempDirectory("certificate");
      Path file = folder.resolve("localhost.p12");
      String arguments =
          "-genkeypair -alias it -keyalg EC -validity 2 -dname CN=localhost"
              + " -ext SAN=dns:localhost -storetype PKCS12 -storepass secret -keystore";
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("java.home") + "/bin/keytool");
      command.addAll(List.of(arguments.split(" ")));
      command.add(file.toString());
      Process keytool = new ProcessBuilder(command).inheritIO().start();
      if (keytool.waitFor() != 0) {
        throw new IllegalStateException("keytool failed");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream input = Files.newInputStream(file)) {
        store.load(input, PASSWORD.toCharArray());
      }
      Files.delete(file);
      Files.delete(folder);
      return store;
    } catch (Exception e) {
      throw new IllegalStateException("cannot make a certificate", e);
    }
  }

  private static KeyManagerFactory keys() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(STORE, PASSWORD.toCharArray());
    return keys;
  }

  /** Returns what a server needs. */
  public static SslContext server() throws Exception {
    return SslContextBuilder.forServer(keys()).build();
  }

  /** Returns what both sides need, for the JDK. */
  public static SSLContext context() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys().getKeyManagers(), trust().getTrustManagers(), null);
    return context;
  }

  /** Returns what a client needs that trusts nobody else. */
  public static SslContext client() throws Exception {
    return SslContextBuilder.forClient().trustManager(trust()).build();
  }

  private static TrustManagerFactory trust() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("it", STORE.getCertificate("it"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust;
  }
}
