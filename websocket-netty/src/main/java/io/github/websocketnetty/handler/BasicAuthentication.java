package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks clients for a name and a password, as a hook for {@link
 * ServerHandshakeOptions.Builder#processRequest}. Who has none, or the wrong ones, gets a 401.
 * Immutable and thread-safe. Only with TLS are they secret.
 *
 * <p>Passwords are compared by their bytes in UTF-8 and in constant time, also those of users that
 * do not exist.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7617">RFC 7617</a>
 */
public final class BasicAuthentication implements ServerHandshakeOptions.RequestHook {
  private static final String SCHEME = "Basic ";
  private static final byte[] OF_NOBODY = digest("");

  private final String challenge;
  private final Check check;

  private BasicAuthentication(String realm, Check check) {
    this.challenge = "Basic realm=" + quoted(realm) + ", charset=\"UTF-8\"";
    this.check = check;
  }

  /** Decides about names and passwords. */
  @FunctionalInterface
  public interface Check {
    /**
     * Decides. Called on the event loop; must not block, but may complete its stage later, on any
     * thread, within the open timeout.
     *
     * @param username anything without a colon
     * @param password anything; to be compared in constant time
     * @return a stage with whether the client may connect, not if it is a stage with {@code null},
     *     or {@code null}; a failure answers with status 500
     */
    CompletionStage<Boolean> isAllowed(String username, String password);
  }

  /**
   * Allows one user.
   *
   * @param realm what the client is asked for, printable ASCII
   * @throws IllegalArgumentException if the realm is not, or the name has a colon
   */
  public static BasicAuthentication of(String realm, String username, String password) {
    Objects.requireNonNull(username, "username");
    Objects.requireNonNull(password, "password");
    return of(realm, Map.of(username, password));
  }

  /**
   * Allows some users.
   *
   * @param realm what the client is asked for, printable ASCII
   * @param passwords by name, copied
   * @throws IllegalArgumentException if the realm is not, there is no user, or a name has a colon
   */
  public static BasicAuthentication of(String realm, Map<String, String> passwords) {
    Objects.requireNonNull(realm, "realm");
    Objects.requireNonNull(passwords, "passwords");
    if (passwords.isEmpty()) {
      throw new IllegalArgumentException("no credentials: nobody could connect");
    }
    Map<String, byte[]> digests = new HashMap<>();
    passwords.forEach(
        (username, password) -> {
          if (Objects.requireNonNull(username, "username of passwords").indexOf(':') >= 0) {
            throw new IllegalArgumentException("a username cannot have a colon: " + username);
          }
          digests.put(username, digest(Objects.requireNonNull(password, "password of passwords")));
        });
    return checking(
        realm,
        (username, password) -> {
          byte[] expected = digests.get(username);
          byte[] actual = digest(password);
          // Compared in any case, so that the time does not tell which users exist.
          boolean same = MessageDigest.isEqual(expected == null ? OF_NOBODY : expected, actual);
          return CompletableFuture.completedFuture(expected != null && same);
        });
  }

  /**
   * Allows whom {@code check} allows.
   *
   * @param realm what the client is asked for, printable ASCII
   * @throws IllegalArgumentException if the realm is not
   */
  public static BasicAuthentication checking(String realm, Check check) {
    Objects.requireNonNull(realm, "realm");
    Objects.requireNonNull(check, "check");
    return new BasicAuthentication(realm, check);
  }

  /**
   * Returns the name in a request, for those who serve its connection: {@code
   * username(connection.request().orElseThrow())}. It is worth something only if this hook has let
   * the request pass.
   */
  public static Optional<String> username(HttpRequest request) {
    Objects.requireNonNull(request, "request");
    return Optional.ofNullable(credentials(request)).map(Credentials::username);
  }

  @Override
  public CompletionStage<FullHttpResponse> process(HttpRequest request) {
    Objects.requireNonNull(request, "request");
    if (!request.headers().contains(HttpHeaderNames.AUTHORIZATION)) {
      return CompletableFuture.completedFuture(refusal("Missing credentials\n"));
    }
    Credentials credentials = credentials(request);
    if (credentials == null) {
      return CompletableFuture.completedFuture(refusal("Unsupported credentials\n"));
    }
    CompletionStage<Boolean> decision = check.isAllowed(credentials.username, credentials.password);
    if (decision == null) { // done at once, and nothing was allowed
      return CompletableFuture.completedFuture(refusal("Invalid credentials\n"));
    }
    return decision.thenApply(
        allowed -> Boolean.TRUE.equals(allowed) ? null : refusal("Invalid credentials\n"));
  }

  private FullHttpResponse refusal(String text) {
    FullHttpResponse response = ServerHandshake.respond(401, text, Clock.systemUTC().instant());
    response.headers().add(HttpHeaderNames.WWW_AUTHENTICATE, challenge);
    return response;
  }

  private record Credentials(String username, String password) {}

  /** Returns what one header says, null if there is none, several, or it is something else. */
  private static Credentials credentials(HttpRequest request) {
    List<String> headers = request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
    if (headers.size() != 1) {
      return null;
    }
    String header = headers.get(0);
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      String pair = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded)).toString();
      int colon = pair.indexOf(':');
      return colon < 0
          ? null
          : new Credentials(pair.substring(0, colon), pair.substring(colon + 1));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
  }

  /** Of one length whatever the password's, which must not show either. */
  private static byte[] digest(String password) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(password.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static String quoted(String realm) {
    if (!realm.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException("realm must be printable ASCII: " + realm);
    }
    return '"' + realm.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
