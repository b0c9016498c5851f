package io.github.websocketnetty;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ProxyException;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLPeerUnverifiedException;

/** When and how long after a failure a client tries again, unless it is told otherwise. */
final class Retries {
  private static final Set<Integer> TEMPORARY = Set.of(429, 500, 502, 503, 504);

  /**
   * Of SOCKS 5: a general failure, no network, no host, refused, too far. Of SOCKS 4: 91, which
   * stands for all of these. Not: against the proxy's rules (2), not supported (7, 8), and what
   * SOCKS 4 says about the user (92, 93).
   */
  private static final Set<Integer> TEMPORARY_REPLIES = Set.of(1, 3, 4, 5, 6, 91);

  /** Causes may go round in circles. */
  private static final int MAX_DEPTH = 16;

  private static final double FIRST_BELOW_SECONDS = 5;
  private static final double SECOND_SECONDS = 3.1;
  private static final double FACTOR = 1.618;
  private static final double LONGEST_SECONDS = 90;
  private static final double MILLIS_PER_SECOND = 1000;

  private Retries() {}

  /** Returns whether the next attempt may succeed where this one failed. */
  static boolean isRetryable(Throwable failure) {
    if (failure instanceof InvalidStatusException answer) {
      return TEMPORARY.contains(answer.response().status().code());
    }
    if (failure instanceof ProxyException proxy) {
      return isPassing(proxy);
    }
    if (failure instanceof HandshakeException handshake) {
      boolean ended =
          handshake.reason() == Reason.INVALID_MESSAGE
              && handshake.getCause() instanceof IOException;
      return ended || handshake.reason() == Reason.TIMEOUT;
    }
    if (failure instanceof ConnectException && failure.getSuppressed().length > 0) {
      return Arrays.stream(failure.getSuppressed()).anyMatch(Retries::isRetryable); // of addresses
    }
    return failure instanceof IOException && !isAboutTls(failure);
  }

  private static boolean isPassing(ProxyException proxy) {
    if (proxy.httpStatus().isPresent()) {
      return TEMPORARY.contains(proxy.httpStatus().getAsInt());
    }
    if (proxy.socksReply().isPresent()) {
      return TEMPORARY_REPLIES.contains(proxy.socksReply().getAsInt());
    }
    // Netty's ConnectException stands for an answer that was not understood.
    return proxy.getCause() instanceof IOException cause
        && !(cause instanceof ConnectException)
        && !isAboutTls(cause);
  }

  /**
   * Returns how long to wait after a failure: as long as planned, or as {@code Retry-After} of a
   * server or proxy says, but no longer than the longest of {@link #delays} for that.
   *
   * @param now for a {@code Retry-After} with a time, if the answer has no {@code Date}
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3">RFC 9110, section
   *     10.2.3</a>
   */
  static Duration delay(Duration planned, Throwable failure, Instant now) {
    HttpHeaders headers = null;
    if (failure instanceof InvalidStatusException answer) {
      headers = answer.response().headers();
    } else if (failure instanceof ProxyException proxy) {
      headers = proxy.responseHeaders();
    }
    String value = headers == null ? null : headers.get(HttpHeaderNames.RETRY_AFTER);
    if (value == null) {
      return planned;
    }
    double asked = Math.min(secondsToWait(value.strip(), headers, now), LONGEST_SECONDS);
    Duration least = seconds(asked);
    return least.compareTo(planned) > 0 ? least : planned;
  }

  private static double secondsToWait(String value, HttpHeaders headers, Instant now) {
    if (value.matches("[0-9]+")) {
      return Double.parseDouble(value); // any number of digits
    }
    Date then = DateFormatter.parseHttpDate(value);
    if (then == null) {
      return 0;
    }
    // The server's clock may be wrong, but so is the time that it asks for.
    String date = headers.get(HttpHeaderNames.DATE);
    Date sent = date == null ? null : DateFormatter.parseHttpDate(date);
    long since = sent == null ? now.toEpochMilli() : sent.getTime();
    return (then.getTime() - since) / MILLIS_PER_SECOND;
  }

  /** The same certificate will be shown the next time, or none again. */
  private static boolean isAboutTls(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof CertificateException
          || cause instanceof CertPathValidatorException
          || cause instanceof SSLPeerUnverifiedException
          || cause instanceof NotSslRecordException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /**
   * Returns the delays after one failure and the next, without end: the first is random, so that
   * clients that lost their server at the same time do not come back at the same time.
   */
  static Iterator<Duration> delays() {
    return new Iterator<>() {
      private double next = -1;

      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public Duration next() {
        if (next < 0) {
          next = SECOND_SECONDS;
          return seconds(ThreadLocalRandom.current().nextDouble(FIRST_BELOW_SECONDS));
        }
        Duration delay = seconds(next);
        next = Math.min(next * FACTOR, LONGEST_SECONDS);
        return delay;
      }
    };
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * MILLIS_PER_SECOND));
  }
}
