package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.PublicApi.Argument;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every argument of every public method and constructor refuses null where it is given, and says
 * which argument that is, unless null has a meaning.
 */
@Tag("sockets")
@Timeout(60)
class NullArgumentsTest {
  /** Where null has a meaning, which the Javadoc tells. */
  private static final Set<String> NULLABLE =
      Set.of(
          "BroadcastResult.Skipped(cause)",
          "ConcurrencyException(message)",
          "ConnectionOptions.Builder.logger(value)",
          "SendQueueFullException(message)",
          "WebSocketClient.Builder.address(value)",
          "WebSocketClient.Builder.bootstrap(value)",
          "WebSocketClient.Builder.proxyTls(value)",
          "WebSocketClient.Builder.tls(value)",
          "WebSocketClientHandler(endpoint)",
          "WebSocketServer.Builder.tls(value)",
          "handler.AgreedExtensions.and(agreement)",
          "handler.ClientHandshakeOptions.Builder.compression(value)",
          "handler.ClientHandshakeOptions.Builder.origin(value)",
          "handler.ClientHandshakeOptions.Builder.userAgentHeader(product)",
          "handler.HandshakeCompleted(subprotocol)",
          "handler.ServerHandshakeOptions.Builder.compression(value)",
          "handler.ServerHandshakeOptions.Builder.path(value)",
          "handler.ServerHandshakeOptions.Builder.serverHeader(product)",
          "handler.WebSocketCloseHandler(sendCloseFrame)",
          "handler.WebSocketCloseHandler.fail(cause)",
          "handler.WebSocketClosed(cause)",
          "handler.WebSocketClosed(received)",
          "handler.WebSocketClosed(receivedFirst)",
          "handler.WebSocketClosed(sent)",
          "handler.WebSocketFrameCodec.receiveData(receiver)",
          "handler.WebSocketPipeline.Builder.sendCloseFrame(status)",
          "handler.WebSocketPipeline.addAfter(deflate)",
          "handler.WebSocketPipeline.addLast(deflate)",
          "protocol.Authority(userInfo)",
          "protocol.Authority.parse(text)",
          "protocol.ClientHandshake.Agreement(subprotocol)",
          "protocol.ClientHandshake.Builder.origin(value)",
          "protocol.ClientHandshake.Builder.userAgent(product)",
          "protocol.CloseHandshake.Step(send)",
          "protocol.CloseHandshake.closeNotSent(cause)",
          "protocol.CloseHandshake.describe(received)",
          "protocol.CloseHandshake.describe(receivedFirst)",
          "protocol.CloseHandshake.describe(sent)",
          "protocol.CloseHandshake.failed(cause)",
          "protocol.CloseHandshake.failed(reason)",
          "protocol.CloseHandshake.isOk(received)",
          "protocol.CloseHandshake.isOk(sent)",
          "protocol.CloseHandshake.peerSilent(cause)",
          "protocol.CloseHandshake.peerSilent(reason)",
          "protocol.CloseHandshake.remember(cause)",
          "protocol.CloseHandshake.transportFailed(cause)",
          "protocol.Extension.Parameter(value)",
          "protocol.HandshakeException(cause)",
          "protocol.HandshakeException(message)",
          "protocol.ProxyException(cause)",
          "protocol.ProxyException(message)",
          "protocol.ProxyException.ofHttpStatus(cause)",
          "protocol.ProxyException.ofHttpStatus(headers)",
          "protocol.ProxyException.ofSocksReply(cause)",
          "protocol.ServerHandshake.Acceptance(subprotocol)",
          "protocol.ServerHandshake.Builder.server(product)",
          "protocol.ServerHandshake.Builder.subprotocolSelector(chooser)",
          "protocol.WebSocketUri(authorization)");

  /**
   * Called for each frame or each byte by handlers that have what they give: the JVM refuses null
   * there without our help, and names it in its own words.
   */
  private static final Set<String> INNERMOST =
      Set.of(
          "protocol.FrameParser.isUrgentNext(in)",
          "protocol.FrameParser.isExclusive(in)",
          "protocol.FrameWriter.append(out)",
          "protocol.FrameWriter.append(payload)",
          "protocol.FrameWriter.header(out)",
          "protocol.FrameWriter.prepend(payload)",
          "protocol.Masking.xor(array)",
          "protocol.Masking.xor(buffer)",
          "protocol.Masking.xor(direct)",
          "protocol.Masking.xorAndCollect(array)",
          "protocol.Masking.xorAndCollect(direct)",
          "protocol.MessageDeflater.deflate(allocator)",
          "protocol.MessageDeflater.deflate(payload)",
          "protocol.MessageInflater.accept(data)",
          "protocol.MessageInflater.nextPart(allocator)",
          "protocol.MessageInflater.rest(allocator)",
          "protocol.PayloadCollector.append(in)",
          "protocol.Utf8Validator.update(array)",
          "protocol.Utf8Validator.update(buffer)",
          "protocol.Utf8Validator.update(direct)");

  private final Samples samples = new Samples();
  private final PublicApi api = new PublicApi(samples);

  NullArgumentsTest() throws Exception {}

  @AfterEach
  void end() {
    samples.end();
  }

  @Test
  void nullIsRefusedWhereItIsGivenAndNamed() throws Exception {
    List<String> wrong = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (Argument argument : api.referenceArguments()) {
      seen.add(argument.id());
      if (!NULLABLE.contains(argument.id())) {
        String fault = fault(argument);
        if (fault != null) {
          wrong.add(argument.id() + ": " + fault);
        }
      }
    }
    assertEquals("", String.join("\n", wrong));
    assertTrue(seen.size() > 200, "only " + seen.size());
    assertTrue(seen.containsAll(NULLABLE), "gone: " + minus(NULLABLE, seen));
    assertTrue(seen.containsAll(INNERMOST), "gone: " + minus(INNERMOST, seen));
  }

  private static Set<String> minus(Set<String> all, Set<String> without) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(without);
    return rest;
  }

  /** Returns what is wrong about how null is taken, or null. */
  private String fault(Argument argument) throws Exception {
    try {
      api.call(argument.executable(), argument.index());
    } catch (InvocationTargetException thrown) {
      Throwable cause = thrown.getCause();
      if (!(cause instanceof NullPointerException)) {
        return cause.toString();
      }
      if (INNERMOST.contains(argument.id())) {
        return null;
      }
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      boolean isOurs =
          Arrays.stream(cause.getStackTrace()).limit(1).anyMatch(NullArgumentsTest::isCheck);
      boolean isNamed = argument.names().stream().anyMatch(message::contains);
      return isOurs && isNamed ? null : cause.getMessage() + " at " + cause.getStackTrace()[0];
    }
    return "accepted";
  }

  /** Not what the JVM says about the first use of what was not checked. */
  private static boolean isCheck(StackTraceElement thrower) {
    return thrower.getClassName().equals("java.util.Objects");
  }
}
