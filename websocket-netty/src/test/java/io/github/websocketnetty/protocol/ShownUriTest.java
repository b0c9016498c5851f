package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What messages and logs show of a URI, and what not. */
class ShownUriTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " > ",
      quoteCharacter = '_',
      value = {
        "ws://host:81/a > ws://host:81/a",
        "ws://[::1]:81/a > ws://[::1]:81/a",
        "ws://[::1] > ws://[::1]",
        "/a/@me > ...@me",
        "wss://host/@me > wss://...@me",
        "wss://duke:sesame@host:99999/a > wss://host:99999/a",
        "wss://duke@host/ > wss://host/",
        "//duke:sesame@host/ > //host/",
        "wss://duke:ses@me@host/ > wss://host/",
        "wss://duke:sesame/1@host/ > wss://...@host/",
        "wss://duke:sesame#1@host/ > wss://...@host/",
        "wss://duke:se?same=1@host/ > wss://...@host/",
        "wss://duke:ses ame@host/ > wss://host/",
        "wss:duke:sesame@host > ...@host",
        "duke:sesame@host:80 > ...@host:80",
        "\\\\duke:sesame@host > ...@host",
        "wss://duke:sesame/ > wss://.../",
        "wss://duke:sesame%40host/ > wss://.../",
        "wss://host:/ > wss://host:/",
        "ws://host/a?access_token=sesame&room=1 > ws://host/a?access_token=...&room=...",
        "ws://host/a?sesamesesamesesamesesame > ws://host/a?...",
        "ws://host/a?q > ws://host/a?q",
        "ws://host/a#access_token=sesame > ws://host/a#access_token=...",
        "ws://host/a#part > ws://host/a#part",
        "ws://host/a?b=sesame#c=sesame > ws://host/a?b=...#c=...",
        "mailto:duke > mailto:duke",
      })
  void secretsAreLeftOut(String uri, String shown) {
    assertEquals(shown, ShownUri.of(uri));
  }

  @ParameterizedTest
  @CsvSource({
    "/a/@me, /a/@me",
    "/a?token=sesame, /a?token=...",
    "/a/duke:sesame@host/b, /a/...@host/b",
    "*, *",
    "ws://duke:sesame@host/a?b=sesame, ws://host/a?b=...",
    "duke:sesame@host:80, ...@host:80",
  })
  void targetsOfRequestsAreMostlyPaths(String target, String shown) {
    assertEquals(shown, ShownUri.ofTarget(target));
  }
}
