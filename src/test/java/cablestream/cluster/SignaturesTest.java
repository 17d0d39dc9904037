package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cluster.Nodes.Claimed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever can reach a node's port gains nothing by it. */
class SignaturesTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Origin ORIGIN = new Origin("203.0.113.7", "https");

  private final Signatures sender = new Signatures(SECRET, "sender");
  private final Signatures receiver = new Signatures(SECRET, "receiver");
  private final HandedOn request =
      request("GET", "/an-events-id?ping=3", Map.of("cookie", "user=7", "host", "app.example"));

  private static HandedOn request(String method, String target, Map<String, String> headers) {
    return new HandedOn(method, target, headers, ORIGIN, null, Duration.ofSeconds(1));
  }

  @Test
  void whatANodeHasSignedComesFromWhereItSays() {
    assertThat(receiver.verify(sender.sign("receiver", request), request))
        .isEqualTo(new Claimed.HandedOn(ORIGIN));
  }

  @Test
  void itCountsOnce() {
    String signature = sender.sign("receiver", request);
    assertThat(receiver.verify(signature, request)).isEqualTo(new Claimed.HandedOn(ORIGIN));
    assertThat(receiver.verify(signature, request)).isEqualTo(new Claimed.Repeated());
  }

  @Test
  void theNextOneCounts() {
    receiver.verify(sender.sign("receiver", request), request);
    assertThat(receiver.verify(sender.sign("receiver", request), request))
        .isEqualTo(new Claimed.HandedOn(ORIGIN));
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
      assertThat(receiver.verify(sender.sign("receiver", request), each))
          .isEqualTo(new Claimed.Forged());
    }
  }

  @Test
  void norFromAnotherAddressOrBySomebodyElse() {
    String signature = sender.sign("receiver", request);
    for (String part : List.of("203.0.113.7", "https", "sender", " 1 ")) {
      String other = part.isBlank() || part.equals(" 1 ") ? " 2 " : part + "0";
      assertThat(receiver.verify(signature.replace(part, other), request))
          .isEqualTo(new Claimed.Forged());
    }
  }

  @Test
  void whatIsForAnotherNodeIsToldFromAStrangers() {
    String signature = sender.sign("receiver", request);
    assertThat(new Signatures(SECRET, "third").verify(signature, request))
        .isEqualTo(new Claimed.ForAnother());
    assertThat(new Signatures(SECRET, "third").verify(signature + "x", request))
        .isEqualTo(new Claimed.Forged());
  }

  @Test
  void withAnotherSecretNothingCounts() {
    Signatures stranger = new Signatures("another-secret-of-thirty-two-characters", "sender");
    assertThat(receiver.verify(stranger.sign("receiver", request), request))
        .isEqualTo(new Claimed.Forged());
  }

  @Test
  void whatIsNoSignatureIsNone() {
    for (String header :
        List.of("", " ", "a b c d e f", "a receiver x 1 2 3", "a receiver 1 p s ")) {
      assertThat(receiver.verify(header, request)).as(header).isEqualTo(new Claimed.Forged());
    }
  }

  @Test
  void aNameIsHiddenAndComesOutTheSameOnAllNodes() {
    assertThat(sender.hash("an-events-id"))
        .isEqualTo(receiver.hash("an-events-id"))
        .hasSize(32)
        .doesNotContain("events");
    assertThat(new Signatures("another-secret-of-thirty-two-characters", "x").hash("an-events-id"))
        .isNotEqualTo(sender.hash("an-events-id"));
  }
}
