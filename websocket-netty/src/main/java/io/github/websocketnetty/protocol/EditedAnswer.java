package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;

/**
 * The extensions and the subprotocol that a 101 lists, which others may have edited since they were
 * negotiated. Both ends will do what it says, so it must be something that the client has offered
 * and the server can do.
 */
final class EditedAnswer {
  private final HttpHeaders request;
  private final HttpHeaders response;

  EditedAnswer(HttpHeaders request, HttpHeaders response) {
    this.request = request;
    this.response = response;
  }

  /** Returns the subprotocol, or null. */
  String subprotocol() {
    CharSequence header = HandshakeHeaders.PROTOCOL;
    List<String> answers = HeaderTokens.protocols(header, response.getAll(header));
    if (answers.isEmpty()) {
      return null;
    }
    if (answers.size() > 1) {
      throw refusal("lists " + answers + ", must be one at most", header);
    }
    String answer = answers.get(0);
    List<String> offered = HeaderTokens.protocols(header, request.getAll(header));
    if (!offered.contains(answer)) {
      throw refusal("says " + answer + ", must be one of those offered: " + offered, header);
    }
    return answer;
  }

  /** Returns the extensions in their order. */
  List<Extension> extensions(List<Extension> negotiated, List<ServerExtension> known) {
    CharSequence header = HandshakeHeaders.EXTENSIONS;
    List<Extension> answers = HeaderTokens.extensions(header, response.getAll(header));
    if (answers.equals(negotiated)) {
      return negotiated;
    }
    List<Extension> offers = HeaderTokens.extensions(header, request.getAll(header));
    List<Extension> accepted = new ArrayList<>();
    for (Extension answer : answers) {
      boolean isNegotiated = negotiated.contains(answer);
      boolean isSecond = answer.isNamedIn(accepted);
      if (isSecond || !isNegotiated && !isPossible(answer, offers, known, List.copyOf(accepted))) {
        throw refusal(
            "says "
                + answer
                + ", which does not answer what the client offers ("
                + Extension.join(offers)
                + ") with an extension of this server",
            header);
      }
      checkReservedBits(answer, accepted, known);
      accepted.add(answer);
    }
    return List.copyOf(accepted);
  }

  private static void checkReservedBits(
      Extension answer, List<Extension> accepted, List<ServerExtension> known) {
    int rsv = rsv(answer, known);
    for (Extension before : accepted) {
      if ((rsv(before, known) & rsv) != 0) {
        throw refusal(
            "lists "
                + before.name()
                + " and "
                + answer.name()
                + ", which claim the same reserved bit",
            HandshakeHeaders.EXTENSIONS);
      }
    }
  }

  private static int rsv(Extension answer, List<ServerExtension> known) {
    for (ServerExtension extension : known) {
      if (extension.name().equals(answer.name())) {
        return extension.rsv();
      }
    }
    return 0;
  }

  private static boolean isPossible(
      Extension answer,
      List<Extension> offers,
      List<ServerExtension> known,
      List<Extension> accepted) {
    return offers.stream()
        .filter(offer -> offer.name().equals(answer.name()))
        .anyMatch(
            offer ->
                known.stream()
                    .filter(extension -> extension.name().equals(answer.name()))
                    .anyMatch(extension -> fits(extension, answer, offer, accepted)));
  }

  private static boolean fits(
      ServerExtension extension, Extension answer, Extension offer, List<Extension> accepted) {
    try {
      return extension instanceof DeflateServerExtension deflate
          ? deflate.fits(answer, offer, accepted)
          : answer.equals(extension.accept(offer, accepted));
    } catch (HandshakeException declined) {
      return false;
    }
  }

  private static HandshakeException refusal(String problem, CharSequence header) {
    return new HandshakeException(Reason.INTERNAL, header + " of the 101 " + problem);
  }
}
