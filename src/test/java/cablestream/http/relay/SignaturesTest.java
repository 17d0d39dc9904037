package cablestream.http.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cablestream.browser.Refusal;
import cablestream.cluster.Node;
import cablestream.cluster.Secret;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.RefusedException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Access to a node's port alone grants nothing. */
class SignaturesTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Origin ORIGIN = new Origin("203.0.113.7", "https");

  private static final Node RECEIVER = node(Node.PROTOCOL);

  private final Signatures sender = signatures(SECRET, "sender");
  private final Signatures receiver = signatures(SECRET, "receiver");
  private final HandedOn request =
      request("GET", "/an-events-id?ping=3", Map.of("cookie", "user=7", "host", "app.example"));

  private static Node node(int protocol) {
    return new Node("receiver", URI.create("http://receiver.invalid"), true, protocol);
  }

  private static Signatures signatures(String secret, String id) {
    return new Signatures(new Secret(secret), id);
  }

  private static Refusal refusal(Signatures receiver, String header, HandedOn request) {
    return catchThrowableOfType(RefusedException.class, () -> receiver.verify(header, request))
        .refusal();
  }

  private static HandedOn request(String method, String target, Map<String, String> headers) {
    String[] parts = target.split("\\?", 2);
    String query = parts.length == 1 ? null : parts[1];
    return new HandedOn(method, parts[0], query, new TreeMap<>(headers), ORIGIN, null);
  }

  @Test
  void whatANodeHasSignedComesFromWhereItSays() {
    assertThat(receiver.verify(sender.sign(RECEIVER, request), request)).isEqualTo(ORIGIN);
  }

  @Test
  void itCountsOnce() {
    String signature = sender.sign(RECEIVER, request);
    assertThat(receiver.verify(signature, request)).isEqualTo(ORIGIN);
    assertThat(refusal(receiver, signature, request)).isEqualTo(Signatures.REPEATED);
  }

  @Test
  void theNextOneCounts() {
    receiver.verify(sender.sign(RECEIVER, request), request);
    assertThat(receiver.verify(sender.sign(RECEIVER, request), request)).isEqualTo(ORIGIN);
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
      assertThat(refusal(receiver, sender.sign(RECEIVER, request), each))
          .isEqualTo(Signatures.FORGED);
    }
  }

  @Test
  void norFromAnotherAddressOrBySomebodyElse() {
    String signature = sender.sign(RECEIVER, request);
    for (String part : List.of("203.0.113.7", "https", "sender", " 1 ")) {
      String other = part.isBlank() || part.equals(" 1 ") ? " 2 " : part + "0";
      assertThat(refusal(receiver, signature.replace(part, other), request))
          .isEqualTo(Signatures.FORGED);
    }
  }

  @Test
  void whatIsForAnotherNodeIsToldFromAStrangers() {
    String signature = sender.sign(RECEIVER, request);
    assertThat(refusal(signatures(SECRET, "third"), signature, request))
        .isEqualTo(Signatures.FOR_ANOTHER);
    assertThat(refusal(signatures(SECRET, "third"), signature + "x", request))
        .isEqualTo(Signatures.FORGED);
  }

  @Test
  void withAnotherSecretNothingCounts() {
    Signatures stranger = signatures("another-secret-of-thirty-two-characters", "sender");
    assertThat(refusal(receiver, stranger.sign(RECEIVER, request), request))
        .isEqualTo(Signatures.FORGED);
  }

  @Test
  void whatIsNoSignatureIsNone() {
    for (String header :
        List.of("", " ", "a b c d e f", "a receiver x 1 2 3", "a receiver 1 p s ")) {
      assertThat(refusal(receiver, header, request)).as(header).isEqualTo(Signatures.FORGED);
    }
  }

  /** Nodes come and go while this one runs. */
  @Test
  void afterRequestsToThousandsOfNodesThoseToTheFirstStillCount() {
    receiver.verify(sender.sign(RECEIVER, request), request);
    for (int i = 0; i < 2_000; i++) {
      sender.sign(new Node("node-" + i, RECEIVER.address(), true, Node.PROTOCOL), request);
    }
    assertThat(receiver.verify(sender.sign(RECEIVER, request), request)).isEqualTo(ORIGIN);
  }

  @Test
  void aNodeIsSpokenToInTheVersionThatBothKnow() {
    assertThat(sender.sign(node(1), request).split(" ")).hasSize(7);
    assertThat(sender.sign(node(1), request).split(" ")[5]).isEqualTo("1");
    assertThat(sender.sign(node(99), request).split(" ")[5])
        .isEqualTo(String.valueOf(Node.PROTOCOL));
  }

  @Test
  void aRequestThatANodeOfVersionOneHasSignedCounts() {
    assertThat(receiver.verify(ofVersion(1), request)).isEqualTo(ORIGIN);
  }

  /** A node that knows this node's version doesn't send it: nothing is executed. */
  @Test
  void aRequestOfAVersionThatIsNotKnownIsRefused() {
    assertThat(refusal(receiver, ofVersion(2), request)).isEqualTo(Signatures.UNKNOWN_VERSION);
  }

  /** The signature's format, spelt out: nodes of other releases write it, too. */
  private static String ofVersion(int protocol) {
    String head = "sender receiver 1 203.0.113.7 https " + protocol;
    String all = head + "\nGET\n/an-events-id?ping=3\ncookie:user=7\nhost:app.example";
    return head + " " + new Secret(SECRET).mac(all);
  }
}
