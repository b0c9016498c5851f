package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Finds the answer to one request: the rules and, before and after them, the user's hooks, which
 * may take their time. Knows no pipeline. Event loop only.
 */
final class ServerDecision {
  private final ServerHandshakeOptions options;
  private final HttpRequest request;
  private final EventExecutor loop;
  private final Logger logger;
  private final Runnable decided;
  private final Consumer<Throwable> failed;
  private FullHttpResponse response;
  private List<Extension> extensions = List.of();
  private String subprotocol;
  private boolean rejected;
  private boolean abandoned;

  /**
   * Creates a decision.
   *
   * @param decided called when {@link #takeResponse} can be called, maybe before {@link #start}
   *     returns; not after {@link #abandon}
   * @param failed called instead if there cannot be an answer, or if {@code decided} throws
   */
  ServerDecision(
      ServerHandshakeOptions options,
      HttpRequest request,
      EventExecutor loop,
      Logger logger,
      Runnable decided,
      Consumer<Throwable> failed) {
    this.options = options;
    this.request = request;
    this.loop = loop;
    this.logger = logger;
    this.decided = decided;
    this.failed = failed;
  }

  HttpRequest request() {
    return request;
  }

  /** Returns the extensions that the response lists. */
  List<Extension> extensions() {
    return extensions;
  }

  /**
   * Finds out what is in use from the 101 that was written: handlers in front may have edited it.
   *
   * @throws HandshakeException if that cannot be
   */
  void written(FullHttpResponse switching) {
    agreed(options.handshake().verify(request, switching, extensions));
  }

  private void agreed(ServerHandshake.Acceptance acceptance) {
    extensions = acceptance.extensions();
    subprotocol = acceptance.subprotocol();
  }

  /** Returns the subprotocol, or null. */
  String subprotocol() {
    return subprotocol;
  }

  /** Returns whether the rules refused the request, rather than a hook answered it. */
  boolean isRejected() {
    return rejected;
  }

  /** Returns the answer, which the caller now owns. */
  FullHttpResponse takeResponse() {
    FullHttpResponse taken = response;
    response = null;
    return taken;
  }

  void start() {
    orFail(this::check);
  }

  /** A step may run in a task or in a stage, which tell nobody about what they throw. */
  private void orFail(Runnable step) {
    try {
      step.run();
    } catch (Throwable failure) {
      failed.accept(failure);
    }
  }

  private void check() {
    try {
      options.handshake().checkMessage(request);
    } catch (HandshakeException e) {
      // Nothing that is shown to hooks, nor a request that the rules could reject.
      response = ServerHandshake.refuse(e, options.clock().instant());
      decided.run();
      return;
    }
    if (!options.matches(request.uri())) {
      refuse(new HandshakeException(Reason.INVALID_PATH, "nothing is served at this path"));
      options.handshake().addServerHeader(response);
      decided.run();
      return;
    }
    await(() -> options.requestHook().process(request), "processRequest", this::requestProcessed);
  }

  /** Forgets everything: the connection is gone. A hook that is still running comes to nothing. */
  void abandon() {
    abandoned = true;
    ReferenceCountUtil.release(takeResponse());
  }

  private void requestProcessed(FullHttpResponse answer) {
    if (answer != null) {
      response = answer;
    } else if (response == null) {
      accept();
    }
    try {
      options.handshake().addServerHeader(response);
    } catch (RuntimeException e) { // a hook's answer may not be changed
      fail("processRequest", e);
    }
    await(
        () -> options.responseHook().process(request, response),
        "processResponse",
        this::responseProcessed);
  }

  private void accept() {
    try {
      var acceptance = options.handshake().accept(request, options.clock().instant());
      response = acceptance.response();
      extensions = acceptance.extensions();
    } catch (HandshakeException e) {
      if (e.reason() == Reason.INTERNAL) {
        logger.error("opening handshake failed", e.getCause() == null ? e : e.getCause());
      }
      refuse(e);
    }
  }

  private void responseProcessed(FullHttpResponse replacement) {
    List<Extension> negotiated = extensions;
    if (replacement != null && replacement != response) {
      replace(replacement);
    }
    try {
      ServerHandshake.complete(response);
      if (isSwitch()) {
        agreed(options.handshake().verify(request, response, negotiated));
      }
      if (isSwitch() && !options.isAcceptingConnections()) {
        refuse(new HandshakeException(Reason.UNAVAILABLE, "server is shutting down"));
        options.handshake().addServerHeader(response);
      }
    } catch (RuntimeException e) {
      fail("opening handshake", e);
    }
    decided.run();
  }

  private boolean isSwitch() {
    return response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
  }

  private void refuse(HandshakeException e) {
    rejected = true;
    replace(ServerHandshake.refuse(e, options.clock().instant()));
  }

  private void fail(String what, Throwable cause) {
    logger.error("{} failed", what, cause);
    refuse(new HandshakeException(Reason.INTERNAL, what + " failed"));
    options.handshake().addServerHeader(response);
  }

  private void replace(FullHttpResponse replacement) {
    ReferenceCountUtil.release(response);
    response = replacement;
    extensions = List.of();
  }

  private void await(
      Supplier<CompletionStage<FullHttpResponse>> hook,
      String name,
      Consumer<FullHttpResponse> next) {
    try {
      CompletionStage<FullHttpResponse> stage = hook.get();
      if (stage != null) {
        stage.whenComplete(
            (answer, failure) -> onLoop(answer, () -> completed(name, answer, failure, next)));
        return;
      }
    } catch (Throwable failure) { // whatever it is, the client is to learn that there was one
      completed(name, null, failure, next);
      return;
    }
    completed(name, null, null, next);
  }

  private void onLoop(FullHttpResponse answer, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException shutDown) {
      ReferenceCountUtil.release(answer);
    }
  }

  private void completed(
      String name, FullHttpResponse answer, Throwable failure, Consumer<FullHttpResponse> next) {
    if (abandoned) {
      ReferenceCountUtil.release(answer);
      if (failure != null) {
        logger.error("{} failed", name, failure); // of a client that is gone
      }
      return;
    }
    orFail(
        () -> {
          if (failure != null) {
            fail(name, failure);
          }
          next.accept(answer);
        });
  }
}
