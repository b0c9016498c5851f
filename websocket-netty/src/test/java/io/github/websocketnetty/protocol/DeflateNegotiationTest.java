package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How both sides agree on permessage-deflate. */
class DeflateNegotiationTest {
  private static final String NAME = "permessage-deflate";
  private static final String OFFER = NAME + "; client_max_window_bits";
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static Extension extension(String header) {
    return HeaderTokens.extensions("Sec-WebSocket-Extensions", List.of(header)).get(0);
  }

  /**
   * Options written as {@code s}: no server context, {@code c}: no client context, then the bits of
   * the peer, {@code /} and our own.
   */
  private static DeflateOptions options(String config) {
    DeflateOptions.Builder builder = DeflateOptions.builder();
    builder.serverContextTakeover(!config.contains("s"));
    builder.clientContextTakeover(!config.contains("c"));
    String[] bits = config.replaceAll("[^\\d/]", "").split("/", -1);
    if (!bits[0].isEmpty()) {
      builder.peerWindowBits(Integer.parseInt(bits[0]));
    }
    if (bits.length > 1) {
      builder.windowBits(Integer.parseInt(bits[1]));
    }
    return builder.build();
  }

  /** Returns the 101's header for a request's, null if there is none. */
  private static String answer(DeflateOptions options, String... offers) {
    HttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    request
        .headers()
        .add("Host", "h")
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Key", KEY)
        .add("Sec-WebSocket-Version", "13")
        .add("Sec-WebSocket-Extensions", List.of(offers));
    return ServerHandshake.builder()
        .extension(options.serverExtension())
        .build()
        .accept(request, Instant.EPOCH)
        .response()
        .headers()
        .get("Sec-WebSocket-Extensions");
  }

  private static ClientHandshake.Agreement verify(DeflateOptions options, String answers) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response
        .headers()
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Accept", ServerHandshake.acceptKey(KEY))
        .add("Sec-WebSocket-Extensions", answers);
    return ClientHandshake.builder(URI.create("ws://h/"))
        .extension(options.clientExtension())
        .build()
        .verify(response, KEY);
  }

  // DEFL-01, EXT-03: the server's table; an empty answer declines
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "  |                                                        | permessage-deflate",
        "  | server_no_context_takeover            | permessage-deflate;"
            + " server_no_context_takeover",
        "s |                                       | permessage-deflate;"
            + " server_no_context_takeover",
        "s | server_no_context_takeover            | permessage-deflate;"
            + " server_no_context_takeover",
        "  | client_no_context_takeover            | permessage-deflate;"
            + " client_no_context_takeover",
        "c |                                       | permessage-deflate;"
            + " client_no_context_takeover",
        "c | client_no_context_takeover            | permessage-deflate;"
            + " client_no_context_takeover",
        "  | server_max_window_bits=15             | permessage-deflate; server_max_window_bits=15",
        "  | server_max_window_bits=\"15\"         | permessage-deflate; server_max_window_bits=15",
        "  | client_max_window_bits                | permessage-deflate",
        "  | client_max_window_bits=10             | permessage-deflate; client_max_window_bits=10",
        "12|                                       | permessage-deflate",
        "12| client_max_window_bits                | permessage-deflate; client_max_window_bits=12",
        "12| client_max_window_bits=8              | permessage-deflate; client_max_window_bits=8",
        "12| client_max_window_bits=15             | permessage-deflate; client_max_window_bits=12",
        "  | server_max_window_bits=8              | permessage-deflate; server_max_window_bits=8",
        "  | server_max_window_bits=9              | permessage-deflate; server_max_window_bits=9",
        "  | server_max_window_bits=14             | permessage-deflate; server_max_window_bits=14",
        "/11|                                      | permessage-deflate; server_max_window_bits=11",
        "/11| server_max_window_bits=10            | permessage-deflate; server_max_window_bits=10",
        "/11| server_max_window_bits=12            | permessage-deflate; server_max_window_bits=11",
        "12/11| client_max_window_bits             | permessage-deflate; server_max_window_bits=11;"
            + " client_max_window_bits=12",
      })
  void serverAnswersByTheTable(String config, String offer, String answer) {
    String offered = offer == null ? NAME : NAME + "; " + offer;
    assertEquals(answer, answer(options(config == null ? "" : config), offered));
  }

  // DEFL-01, DEFL-02: declined, and never an error
  @ParameterizedTest
  @ValueSource(
      strings = {
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=015",
        "server_max_window_bits=x",
        "client_max_window_bits=7",
        "client_max_window_bits=016",
        "client_max_window_bits=08",
        "server_no_context_takeover; server_no_context_takeover",
        "client_max_window_bits=10; client_max_window_bits=10",
        "mem_level=5",
      })
  void invalidOfferIsDeclined(String parameters) {
    assertEquals(null, answer(DeflateOptions.defaults(), NAME + "; " + parameters));
    assertEquals(NAME, answer(DeflateOptions.defaults(), NAME + "; " + parameters + ", " + NAME));
  }

  // DEFL-24, DEFL-30: the first offer is accepted whatever window it asks for, and kept to
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15})
  void smallerWindowForTheServerIsAccepted(int bits) {
    String demand = NAME + "; server_max_window_bits=" + bits;
    assertEquals(demand, answer(DeflateOptions.defaults(), demand, NAME));
    DeflateAgreement agreement =
        DeflateOptions.defaults().agreement(Side.SERVER, extension(demand));
    assertEquals(bits, agreement.windowBits());
    assertEquals(15, agreement.peerWindowBits());
  }

  // DEFL-02: the next offer is tried, also in another header
  @Test
  void firstOfferThatCanBeHonouredIsAccepted() {
    String answer =
        answer(
            DeflateOptions.defaults(),
            NAME + "; server_max_window_bits=7, x-other, " + NAME + "; unknown",
            NAME + "; server_no_context_takeover; client_max_window_bits=9, " + NAME);
    assertEquals(NAME + "; server_no_context_takeover; client_max_window_bits=9", answer);
  }

  // DEFL-03
  @Test
  void serverAcceptsOnce() {
    assertEquals(NAME, answer(DeflateOptions.defaults(), NAME + ", " + NAME));
    ServerExtension server = DeflateOptions.defaults().serverExtension();
    Extension offer = extension(NAME);
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> server.accept(offer, List.of(offer)));
    assertEquals("skipped duplicate permessage-deflate", refusal.getMessage());
  }

  // DEFL-03
  @Test
  void secondAnswerFailsTheClient() {
    assertThrows(
        HandshakeException.class, () -> verify(DeflateOptions.defaults(), NAME + ", " + NAME));
    ClientExtension client = DeflateOptions.defaults().clientExtension();
    Extension answer = extension(NAME);
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> client.accept(answer, List.of(answer)));
    assertEquals("received duplicate permessage-deflate", refusal.getMessage());
  }

  // DEFL-04
  @Test
  void optionsOutOfRangeAreRefused() {
    DeflateOptions.Builder options = DeflateOptions.builder();
    assertEquals(
        "peerWindowBits is 7, must be 8 to 15",
        assertThrows(IllegalArgumentException.class, () -> options.peerWindowBits(7)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> options.peerWindowBits(16));
    assertEquals(
        "windowBits is 16, must be 8 to 15",
        assertThrows(IllegalArgumentException.class, () -> options.windowBits(16)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> options.windowBits(7));
    assertThrows(IllegalArgumentException.class, () -> options.level(10));
    assertThrows(IllegalArgumentException.class, () -> options.level(-2));
    assertThrows(IllegalArgumentException.class, () -> options.threshold(-1));
    assertThrows(IllegalArgumentException.class, () -> options.liveContexts(-1));
    assertThrows(IllegalArgumentException.class, () -> options.parkedHistory(-1));
    assertThrows(IllegalArgumentException.class, () -> options.parkedHistory(32_769));
  }

  // DEFL-05
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "    | permessage-deflate; client_max_window_bits",
        "s   | permessage-deflate; server_no_context_takeover; client_max_window_bits",
        "c   | permessage-deflate; client_no_context_takeover; client_max_window_bits",
        "sc9 | permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
            + " server_max_window_bits=9; client_max_window_bits",
        "/8  | permessage-deflate; client_max_window_bits=8",
        "10/11 | permessage-deflate; server_max_window_bits=10; client_max_window_bits=11",
      })
  void clientOffersInOrder(String config, String offer) {
    DeflateOptions options = options(config == null ? "" : config);
    assertEquals(offer, options.clientExtension().offer().toString());
  }

  // DEFL-01, DEFL-24, EXT-03: the client's table
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "   |                                           | true  | true",
        "   | server_no_context_takeover                | false | true",
        "s  | server_no_context_takeover                | false | true",
        "   | client_no_context_takeover                | true  | false",
        "c  |                                           | true  | false",
        "c  | client_no_context_takeover                | true  | false",
        "   | server_max_window_bits=8                  | true  | true",
        "10 | server_max_window_bits=10                 | true  | true",
        "10 | server_max_window_bits=\"9\"              | true  | true",
        "   | client_max_window_bits=8                  | true  | true",
        "   | client_max_window_bits=15                 | true  | true",
        "/12| client_max_window_bits=12                 | true  | true",
        "/12| client_max_window_bits=\"9\"              | true  | true",
        "/12|                                           | true  | true",
      })
  void clientTakesTheAnswer(String config, String answer, boolean inflates, boolean deflates) {
    DeflateOptions options = options(config == null ? "" : config);
    String header = answer == null ? NAME : NAME + "; " + answer;
    Extension agreed = verify(options, header).extensions().get(0);
    DeflateAgreement agreement = options.agreement(Side.CLIENT, agreed);
    assertEquals(inflates, agreement.inflatesWithContext());
    assertEquals(deflates, agreement.deflatesWithContext());
  }

  // DEFL-01, DEFL-02, HS-47
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s  |                                | expected server_no_context_takeover",
        "10 |                                | expected server_max_window_bits",
        "10 | server_max_window_bits=11      | unsupported server_max_window_bits: 11",
        "/11| client_max_window_bits=12      | unsupported client_max_window_bits: 12",
        "   | client_max_window_bits=16      | invalid value for parameter client_max_window_bits:"
            + " 16",
        "   | client_max_window_bits         | invalid value for parameter client_max_window_bits:"
            + " null",
        "   | server_max_window_bits=7       | invalid value for parameter server_max_window_bits:"
            + " 7",
        "   | server_no_context_takeover=x   | invalid value for parameter"
            + " server_no_context_takeover: x",
        "   | unknown                        | invalid parameter name: unknown",
        "   | server_max_window_bits=8; server_max_window_bits=8 | duplicate parameter:"
            + " server_max_window_bits",
      })
  void answerThatDoesNotFitFailsTheClient(String config, String answer, String why) {
    DeflateOptions options = options(config == null ? "" : config);
    String header = answer == null ? NAME : NAME + "; " + answer;
    ClientExtension client = options.clientExtension();
    Extension accepted = extension(header);
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> client.accept(accepted, List.of()));
    assertEquals(why, refusal.getMessage());
    assertEquals(HandshakeException.Reason.NEGOTIATION, refusal.reason());
    assertThrows(HandshakeException.class, () -> verify(options, header));
  }

  // DEFL-13
  @Test
  void serverKeepsNoContextThatItWasAskedNotTo() {
    Extension answer =
        new DeflateParameters(true, true, DeflateParameters.ABSENT, DeflateParameters.ABSENT)
            .toExtension();
    DeflateAgreement agreement = DeflateOptions.defaults().agreement(Side.SERVER, answer);
    assertFalse(agreement.inflatesWithContext());
    assertFalse(agreement.deflatesWithContext());
    DeflateAgreement both = DeflateOptions.defaults().agreement(Side.SERVER, extension(NAME));
    assertTrue(both.inflatesWithContext());
    assertTrue(both.deflatesWithContext());
  }

  // DEFL-25
  @Test
  void levelAndThresholdAreNobodysBusinessButOurs() {
    DeflateOptions options = DeflateOptions.builder().level(1).threshold(10).build();
    assertEquals(OFFER, options.clientExtension().offer().toString());
    assertEquals(NAME, answer(options, NAME));
    DeflateAgreement agreement = options.agreement(Side.CLIENT, extension(NAME));
    assertEquals(1, agreement.level());
    assertEquals(10, agreement.threshold());
  }

  // DEFL-26
  @Test
  void contextsAreNobodysBusinessButOurs() {
    DeflateOptions options = DeflateOptions.builder().liveContexts(5).parkedHistory(32_768).build();
    assertEquals(OFFER, options.clientExtension().offer().toString());
    assertEquals(NAME, answer(options, NAME));
    DeflateAgreement agreement = options.agreement(Side.CLIENT, extension(NAME));
    assertEquals(5, agreement.liveContexts());
    assertEquals(32_768, agreement.parkedHistory());
    DeflateAgreement usual = new DeflateAgreement(true, true, -1, 256);
    assertEquals(usual, DeflateOptions.defaults().agreement(Side.SERVER, extension(NAME)));
  }

  // DEFL-26
  @Test
  void windowsOfTheAnswerAreKeptToByBoth() {
    DeflateOptions options = DeflateOptions.defaults();
    String answer = NAME + "; server_max_window_bits=9; client_max_window_bits=10";
    DeflateAgreement client = options.agreement(Side.CLIENT, extension(answer));
    DeflateAgreement server = options.agreement(Side.SERVER, extension(answer));
    assertEquals(9, client.peerWindowBits());
    assertEquals(10, client.windowBits());
    assertEquals(10, server.peerWindowBits());
    assertEquals(9, server.windowBits());
  }

  // DEFL-26: a window of our own that the answer does not name is kept to all the same
  @ParameterizedTest
  @EnumSource
  void windowThatWasSetIsNeverExceeded(Side side) {
    DeflateOptions options = options("/11");
    assertEquals(11, options.agreement(side, extension(NAME)).windowBits());
    String larger = NAME + "; server_max_window_bits=12; client_max_window_bits=12";
    assertEquals(11, options.agreement(side, extension(larger)).windowBits());
    String smaller = NAME + "; server_max_window_bits=9; client_max_window_bits=9";
    assertEquals(9, options.agreement(side, extension(smaller)).windowBits());
  }
}
