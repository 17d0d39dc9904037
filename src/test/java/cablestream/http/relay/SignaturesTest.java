package cablestream.http.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cablestream.browser.Refusal;
import cablestream.cluster.Secret;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.RefusedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever can reach a node's port gains nothing by it. */
class SignaturesTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Origin ORIGIN = new Origin("203.0.113.7", "https");

  private final Signatures sender = signatures(SECRET, "sender");
  private final Signatures receiver = signatures(SECRET, "receiver");
  private final HandedOn request =
      request("GET", "/an-events-id?ping=3", Map.of("cookie", "user=7", "host", "app.example"));

  private static Signatures signatures(String secret, String id) {
    return new Signatures(new Secret(secret), id);
  }

  private static Refusal refusal(Signatures receiver, String header, HandedOn request) {
    return catchThrowableOfType(RefusedException.class, () -> receiver.verify(header, request))
        .refusal();
  }

  private static HandedOn request(String method, String target, Map<String, String> headers) {
    return new HandedOn(method, target, headers, ORIGIN, null, Duration.ofSeconds(1));
  }

  @Test
  void whatANodeHasSignedComesFromWhereItSays() {
    assertThat(receiver.verify(sender.sign("receiver", request), request)).isEqualTo(ORIGIN);
  }

  @Test
  void itCountsOnce() {
    String signature = sender.sign("receiver", request);
    assertThat(receiver.verify(signature, request)).isEqualTo(ORIGIN);
    assertThat(refusal(receiver, signature, request)).isEqualTo(Signatures.REPEATED);
  }

  @Test
  void theNextOneCounts() {
    receiver.verify(sender.sign("receiver", request), request);
    assertThat(receiver.verify(sender.sign("receiver", request), request)).isEqualTo(ORIGIN);
  }

  @Test
  void ofARequestThatIsAnotherItDoesNotCount() {
    Map<String, String> others = new HashMap<>(request.headers());
    others.put("cookie", "user=8");
    Map<String, String> more = new HashMap<>(request.headers());
    more.put("authorization", "Bearer x");
    List<HandedOn> changed =
        List.of(
            request("DELETE", request.target(), request.headers()),
            request("GET", "/another-events-id", request.headers()),
            request("GET", request.target(), others),
            request("GET", request.target(), more));
    for (HandedOn each : changed) {
      assertThat(refusal(receiver, sender.sign("receiver", request), each))
          .isEqualTo(Signatures.FORGED);
    }
  }

  @Test
  void norFromAnotherAddressOrBySomebodyElse() {
    String signature = sender.sign("receiver", request);
    for (String part : List.of("203.0.113.7", "https", "sender", " 1 ")) {
      String other = part.isBlank() || part.equals(" 1 ") ? " 2 " : part + "0";
      assertThat(refusal(receiver, signature.replace(part, other), request))
          .isEqualTo(Signatures.FORGED);
    }
  }

  @Test
  void whatIsForAnotherNodeIsToldFromAStrangers() {
    String signature = sender.sign("receiver", request);
    assertThat(refusal(signatures(SECRET, "third"), signature, request))
        .isEqualTo(Signatures.FOR_ANOTHER);
    assertThat(refusal(signatures(SECRET, "third"), signature + "x", request))
        .isEqualTo(Signatures.FORGED);
  }

  @Test
  void withAnotherSecretNothingCounts() {
    Signatures stranger = signatures("another-secret-of-thirty-two-characters", "sender");
    assertThat(refusal(receiver, stranger.sign("receiver", request), request))
        .isEqualTo(Signatures.FORGED);
  }

  @Test
  void whatIsNoSignatureIsNone() {
    for (String header :
        List.of("", " ", "a b c d e f", "a receiver x 1 2 3", "a receiver 1 p s ")) {
      assertThat(refusal(receiver, header, request)).as(header).isEqualTo(Signatures.FORGED);
    }
  }
}
