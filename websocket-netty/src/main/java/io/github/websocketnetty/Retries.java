package io.github.websocketnetty;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import java.io.IOException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLPeerUnverifiedException;

/** When and how long after a failure a client tries again, unless it is told otherwise. */
final class Retries {
  private static final Set<Integer> TEMPORARY = Set.of(500, 502, 503, 504);

  /** Causes may go round in circles. */
  private static final int MAX_DEPTH = 16;

  private static final double FIRST_BELOW_SECONDS = 5;
  private static final double SECOND_SECONDS = 3.1;
  private static final double FACTOR = 1.618;
  private static final double LONGEST_SECONDS = 90;

  private Retries() {}

  /** Returns whether the next attempt may succeed where this one failed. */
  static boolean isRetryable(Throwable failure) {
    if (failure instanceof InvalidStatusException answer) {
      return TEMPORARY.contains(answer.response().status().code());
    }
    if (failure instanceof HandshakeException handshake) {
      boolean ended =
          handshake.reason() == Reason.INVALID_MESSAGE
              && handshake.getCause() instanceof IOException;
      return ended || handshake.reason() == Reason.TIMEOUT;
    }
    return failure instanceof IOException && !isAboutCertificate(failure);
  }

  /** The same certificate will be shown the next time. */
  private static boolean isAboutCertificate(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof CertificateException
          || cause instanceof CertPathValidatorException
          || cause instanceof SSLPeerUnverifiedException) {
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
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
