package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ProxyException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CLI-25 and OPT-30: which failures are tried again, and when. */
class RetriesTest {
  private static InvalidStatusException status(int status) {
    return new InvalidStatusException(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER));
  }

  // CLI-25
  @Test
  void troubleOfTheNetworkPasses() {
    assertTrue(Retries.isRetryable(new ConnectException("refused")));
    assertTrue(Retries.isRetryable(new UnknownHostException("host")));
    assertTrue(Retries.isRetryable(new IOException("Connection reset by peer")));
    assertTrue(Retries.isRetryable(new ClosedChannelException()));
    assertTrue(Retries.isRetryable(new SSLException("closed during the handshake")));
    assertTrue(Retries.isRetryable(new HandshakeException(Reason.TIMEOUT, "timed out")));
    EOFException end = new EOFException("connection closed");
    assertTrue(Retries.isRetryable(new HandshakeException(Reason.INVALID_MESSAGE, "no", end)));
  }

  // CLI-25: test_reconnect (503 retried, 402 fatal)
  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void troubleOfTheServerPasses(int status) {
    assertTrue(Retries.isRetryable(status(status)));
  }

  // CLI-25
  @ParameterizedTest
  @ValueSource(ints = {200, 302, 400, 401, 402, 403, 404, 426, 501, 505})
  void refusalStays(int status) {
    assertFalse(Retries.isRetryable(status(status)));
  }

  // CLI-25
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TIMEOUT"})
  void disagreementStays(Reason reason) {
    assertFalse(Retries.isRetryable(new HandshakeException(reason, "no")));
  }

  // CLI-25: certificates do not get better
  @Test
  void certificateStaysWrong() {
    CertificateException untrusted = new CertificateException("no path");
    Throwable handshake = new SSLHandshakeException("no path").initCause(untrusted);
    assertFalse(Retries.isRetryable(handshake));
    assertFalse(Retries.isRetryable(new SSLException(handshake)));
    assertFalse(Retries.isRetryable(new SSLPeerUnverifiedException("other name")));
    assertFalse(Retries.isRetryable(new IllegalStateException("bug")));
  }

  // CLI-25: it is enough that one of the addresses may be reached the next time
  @Test
  void onePassingFailureOfManyAddressesPasses() {
    ConnectException all = new ConnectException("none of 2 addresses");
    all.addSuppressed(ProxyException.ofSocksReply(2, null));
    all.addSuppressed(new SSLPeerUnverifiedException("other name"));
    assertFalse(Retries.isRetryable(all));
    all.addSuppressed(new ConnectException("refused"));
    assertTrue(Retries.isRetryable(all));
  }

  // CLI-25: neither does a port without TLS
  @Test
  void portWithoutTlsStaysWithoutIt() {
    NotSslRecordException plain = new NotSslRecordException("the server does not speak TLS");
    assertFalse(Retries.isRetryable(plain));
    assertFalse(Retries.isRetryable(new ProxyException("no", plain)));
  }

  private static InvalidStatusException retryAfter(String... headers) {
    InvalidStatusException answer = status(503);
    for (int i = 0; i < headers.length; i += 2) {
      answer.response().headers().add(headers[i], headers[i + 1]);
    }
    return answer;
  }

  private static Duration delay(Throwable failure) {
    Instant now = Instant.parse("1994-11-06T08:49:30Z");
    return Retries.delay(Duration.ofSeconds(3), failure, now);
  }

  // RFC 9110, section 10.2.3
  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "0, 3",
    "2, 3",
    " 8 , 8",
    "90, 90",
    "91, 90",
    "99999999999999999999999999999, 90",
    "-7, 3",
    "7.5, 3",
    "soon, 3",
    "'', 3",
    "'Sun, 06 Nov 1994 08:49:37 GMT', 7",
    "'Sunday, 06-Nov-94 08:49:37 GMT', 7",
    "'Sun Nov  6 08:49:37 1994', 7",
    "'Sun, 06 Nov 1994 08:49:00 GMT', 3",
    "'Sun, 06 Nov 1994 09:49:37 GMT', 90",
  })
  void serverSaysHowLongToWait(String value, int seconds) {
    assertEquals(Duration.ofSeconds(seconds), delay(retryAfter("Retry-After", value)));
    HttpHeaders headers = new DefaultHttpHeaders().add("retry-after", value);
    assertEquals(
        Duration.ofSeconds(seconds), delay(ProxyException.ofHttpStatus(429, headers, null)));
  }

  @Test
  void serverSaysHowLongToWaitByItsOwnClock() {
    InvalidStatusException answer =
        retryAfter(
            "Retry-After",
            "Mon, 07 Nov 1994 08:49:37 GMT",
            "Date",
            "Mon, 07 Nov 1994 08:49:29 GMT");
    assertEquals(Duration.ofSeconds(8), delay(answer));
  }

  @Test
  void withoutRetryAfterTheDelayIsThePlannedOne() {
    Duration planned = Duration.ofSeconds(3);
    assertEquals(planned, delay(status(503)));
    assertEquals(planned, delay(new ConnectException("refused")));
    assertEquals(planned, delay(ProxyException.ofSocksReply(5, null)));
    assertEquals(planned, delay(ProxyException.ofHttpStatus(503, null, null)));
  }

  // OPT-30: test_backoff
  @Test
  void delaysGrowToNinetySeconds() {
    Iterator<Duration> delays = Retries.delays();
    Duration first = delays.next();
    assertTrue(!first.isNegative() && first.compareTo(Duration.ofSeconds(5)) <= 0);
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      assertTrue(delays.hasNext());
      seconds.add(delays.next().toSeconds());
    }
    assertEquals(List.of(3L, 5L, 8L, 13L, 21L, 34L, 55L, 89L, 90L, 90L), seconds);
  }

  // OPT-30
  @Test
  void firstDelayIsRandom() {
    assertTrue(Stream.generate(() -> Retries.delays().next()).limit(20).distinct().count() > 1);
  }
}
