package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and passwords in the opening handshake. */
@ExtendWith(LeakCheck.class)
class BasicAuthenticationTest {
  private static final BasicAuthentication TWO_USERS =
      BasicAuthentication.of("my \"realm\"", Map.of("hello", "iloveyou", "grüß", "gött:1"));

  private static String basic(String pair, Charset charset) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(charset));
  }

  private static HttpRequest request(String... authorizations) {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    for (String value : authorizations) {
      request.headers().add(HttpHeaderNames.AUTHORIZATION, value);
    }
    return request;
  }

  /** Returns the body of the refusal, null if the request passed. */
  private static String refusal(BasicAuthentication authentication, String... authorizations) {
    FullHttpResponse response =
        authentication.process(request(authorizations)).toCompletableFuture().join();
    if (response == null) {
      return null;
    }
    assertEquals(401, response.status().code());
    assertEquals(
        "Basic realm=\"my \\\"realm\\\"\", charset=\"UTF-8\"",
        response.headers().get(HttpHeaderNames.WWW_AUTHENTICATE));
    String body = response.content().toString(StandardCharsets.UTF_8);
    response.release();
    return body;
  }

  // SRV-31: test_valid_authorization; SRV-30: test_list_of_credentials; HD
  // test_parse_authorization_basic, test_build_www_authenticate_basic
  @ParameterizedTest
  @ValueSource(strings = {"hello:iloveyou", "grüß:gött:1"})
  void rightCredentialsPass(String pair) {
    String header = basic(pair, StandardCharsets.UTF_8);
    assertNull(refusal(TWO_USERS, header));
    assertNull(refusal(TWO_USERS, header.replace("Basic", "basic")));
    String username = pair.substring(0, pair.indexOf(':'));
    assertEquals(Optional.of(username), BasicAuthentication.username(request(header)));
  }

  // SRV-31: test_authorization_with_unknown_username, test_authorization_with_incorrect_password
  @ParameterizedTest
  @ValueSource(
      strings = {"hello:goodbye", "bye:iloveyou", "hello:", ":", "hello:gött:1", "bye:", ":x"})
  void wrongCredentialsAreInvalid(String pair) {
    assertEquals("Invalid credentials\n", refusal(TWO_USERS, basic(pair, StandardCharsets.UTF_8)));
  }

  // SRV-31: test_missing_authorization
  @Test
  void absentCredentialsAreMissing() {
    assertEquals("Missing credentials\n", refusal(TWO_USERS));
    assertEquals(Optional.empty(), BasicAuthentication.username(request()));
  }

  // SRV-31: test_unsupported_authorization; SRV-32
  @ParameterizedTest
  @CsvSource({"Bearer abc", "Basic", "Basic !!!!", "Basic aGVsbG8=", "Basicx aGVsbG86eA==", "''"})
  void otherAuthorizationIsUnsupported(String header) {
    assertEquals("Unsupported credentials\n", refusal(TWO_USERS, header));
    assertEquals(Optional.empty(), BasicAuthentication.username(request(header)));
  }

  // SRV-32: neither text that is not UTF-8 nor a repeated header is an error of the server
  @Test
  void mistakesOfTheClientAreNoErrorsOfTheServer() {
    String latin = basic("grüß:x", StandardCharsets.ISO_8859_1);
    assertEquals("Unsupported credentials\n", refusal(TWO_USERS, latin));
    String right = basic("hello:iloveyou", StandardCharsets.UTF_8);
    assertEquals("Unsupported credentials\n", refusal(TWO_USERS, right, right));
    BasicAuthentication beyondAscii = BasicAuthentication.of("my \"realm\"", "hello", "pässword");
    assertEquals("Invalid credentials\n", refusal(beyondAscii, right));
  }

  // SRV-30: test_check_credentials_function, test_check_credentials_coroutine
  @Test
  void checkMayTakeItsTime() {
    CompletableFuture<Boolean> decision = new CompletableFuture<>();
    BasicAuthentication authentication =
        BasicAuthentication.checking(
            "realm",
            (username, password) -> {
              assertEquals("hello", username);
              assertEquals("iloveyou", password);
              return decision;
            });
    HttpRequest request = request(basic("hello:iloveyou", StandardCharsets.UTF_8));
    CompletableFuture<FullHttpResponse> answer =
        authentication.process(request).toCompletableFuture();
    assertTrue(!answer.isDone());
    decision.complete(true);
    assertNull(answer.join());
  }

  @Test
  void checkThatDecidesNothingAllowsNothing() {
    String header = basic("hello:iloveyou", StandardCharsets.UTF_8);
    BasicAuthentication withoutStage =
        BasicAuthentication.checking("my \"realm\"", (username, password) -> null);
    BasicAuthentication withoutValue =
        BasicAuthentication.checking(
            "my \"realm\"", (username, password) -> CompletableFuture.completedFuture(null));
    assertEquals("Invalid credentials\n", refusal(withoutStage, header));
    assertEquals("Invalid credentials\n", refusal(withoutValue, header));
  }

  // SRV-30: test_bad_credentials, test_without_credentials_or_check_credentials
  @Test
  void impossibleCredentialsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("r", Map.of()));
    assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("r", "a:b", "c"));
    assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("grüß", "a", "c"));
    assertThrows(IllegalArgumentException.class, () -> BasicAuthentication.of("a\nb", "a", "c"));
  }
}
