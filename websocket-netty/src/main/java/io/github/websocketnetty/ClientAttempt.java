package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.Times;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One attempt to connect, wherever redirects lead. A new channel for each of them; one after the
 * other, so the fields that are not volatile need no more than that.
 */
final class ClientAttempt {
  private final ClientTransport transport;
  private final CompletableFuture<Connection> result;
  private final RedirectCookies cookies = new RedirectCookies();
  private ClientHandshakeOptions current; // without those cookies
  private boolean permanentSoFar = true;
  private int redirects;
  private volatile ClientHandshakeOptions remembered;
  private volatile WebSocketClientHandler handler;
  private volatile ClientConnect connecting;

  ClientAttempt(ClientTransport transport, ClientHandshakeOptions first) {
    this.transport = transport;
    result = new GroupFuture<>(transport.group()); // each step may be on another loop of it
    current = first;
    remembered = first;
  }

  /**
   * Returns the outcome; cancelling it gives up. It completes on the connection's event loop before
   * anything is read, so the stages that were added before the start run by then.
   */
  CompletableFuture<Connection> connection() {
    return result;
  }

  /** Starts; the open timeout is that of the first handshake and over all. */
  void start() {
    transport.connections().opening(result);
    if (result.isDone()) {
      return;
    }
    result.whenComplete(
        (connection, failure) -> {
          if (failure != null) {
            abort();
          }
        });
    try {
      limit(current.openTimeout());
      hop();
    } catch (RuntimeException impossible) { // no event loop any more, or no such proxy
      result.completeExceptionally(impossible);
    }
  }

  private void limit(Duration timeout) {
    if (!timeout.isZero()) {
      Future<?> deadline =
          transport.group().schedule(this::timedOut, Times.nanos(timeout), TimeUnit.NANOSECONDS);
      result.whenComplete((connection, failure) -> deadline.cancel(false));
    }
  }

  /** Returns how to connect the next time: redirects that were permanent are followed already. */
  ClientHandshakeOptions remembered() {
    return remembered;
  }

  private void timedOut() {
    WebSocketClientHandler running = handler;
    String phase = running == null ? "before it began" : running.phase();
    result.completeExceptionally(
        new HandshakeException(
            Reason.TIMEOUT,
            "timed out during opening handshake",
            new TimeoutException("timed out " + phase + ": " + current.uri())));
  }

  /** Closes the channels of attempts to connect, or of a handshake in progress. */
  private void abort() {
    ClientConnect begun = connecting;
    if (begun != null) {
      begun.stop();
    }
    WebSocketClientHandler running = handler;
    if (running != null) {
      running.connection().cancel(false);
    }
  }

  private void hop() {
    ClientHandshakeOptions handshake = cookies.addTo(current);
    // Called by the handler: a stage could come too late for what is read with the response.
    WebSocketClientHandler opening =
        WebSocketClientHandler.calling(this::opened, handshake, transport.options());
    handler = opening;
    opening
        .connection()
        .whenComplete(
            (connection, failure) -> {
              if (failure != null) {
                failed(failure);
              }
            });
    ClientConnect connect = new ClientConnect(transport, handshake, opening, this::failed);
    connecting = connect;
    connect.start();
    if (result.isDone()) { // looked at after both are known, so they are not forgotten
      abort();
    }
  }

  private void opened(Connection connection) {
    transport.connections().opened(connection);
    if (!result.complete(connection)) {
      connection.close(); // given up at the last moment
    }
  }

  private void failed(Throwable failure) {
    if (result.isDone()) {
      return;
    }
    try {
      Redirect redirect =
          failure instanceof InvalidStatusException answer && transport.maxRedirects() > 0
              ? Redirect.of(answer, current, transport.fixedAddress())
              : null;
      if (redirect == null) {
        result.completeExceptionally(transport.explain(failure));
        return;
      }
      cookies.store(((InvalidStatusException) failure).response().headers(), current.uri());
      follow(redirect);
    } catch (RuntimeException refused) {
      result.completeExceptionally(refused);
    }
  }

  private void follow(Redirect redirect) {
    if (++redirects > transport.maxRedirects()) {
      throw new HandshakeException(
          Reason.SECURITY, "more than " + transport.maxRedirects() + " redirects");
    }
    current = redirect.options();
    permanentSoFar &= redirect.permanent();
    if (permanentSoFar) {
      remembered = current;
    }
    hop();
  }
}
