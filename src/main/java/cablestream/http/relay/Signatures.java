package cablestream.http.relay;

import cablestream.browser.Refusal;
import cablestream.cluster.Node;
import cablestream.cluster.Secret;
import cablestream.concurrent.BoundedMap;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Proves that a node of this cluster has relayed a request: an HMAC with the cluster's secret over
 * both nodes' ids, a number, method, target, and all headers that identify the caller. It doesn't
 * include the body, nor a time. A node's id changes with each start, and its requests to another
 * node are numbered, so that a repeated one is refused. Any thread.
 */
final class Signatures {
  /** The name of the request header. */
  static final String HEADER = "Cablestream-Relay";

  /** The status for a request that belongs to another node (RFC 9110, 15.5.20). */
  static final int MISDIRECTED = 421;

  /** For a node that had this address before: the sender must look the session up again. */
  static final Refusal FOR_ANOTHER = new Refusal(MISDIRECTED, "another node has this session");

  static final Refusal REPEATED =
      new Refusal(503, "this request was relayed before, or much later than others", 1);

  static final Refusal FORGED =
      new Refusal(
          403,
          "no node of this cluster relayed this request: do all have the same cluster.secret?");

  static final Refusal UNKNOWN_VERSION =
      new Refusal(503, "the node that relayed this request has an unsupported version", 1);

  /** The largest number of remembered senders; each start of a node is one. */
  private static final int MAX_SENDERS = 1_000;

  private final Secret secret;
  private final String id;

  /** The number of requests so far, to any node: a receiver ignores gaps. */
  private final AtomicLong number = new AtomicLong();

  /** By sender. */
  private final Map<String, ReplayWindow> windows = BoundedMap.byUse(MAX_SENDERS);

  /**
   * @param id this node's
   */
  Signatures(Secret secret, String id) {
    this.secret = secret;
    this.id = id;
  }

  /**
   * The header of a request for a node: {@code sender receiver number peer scheme protocol
   * signature}.
   */
  String sign(Node receiver, HandedOn request) {
    Origin origin = request.origin();
    String next = Long.toString(number.incrementAndGet());
    String protocol = Integer.toString(receiver.common());
    String head =
        String.join(" ", id, receiver.id(), next, origin.peer(), origin.scheme(), protocol);
    return head + " " + mac(head, request);
  }

  /**
   * How the first node was reached. This node before its restart counts as another node.
   *
   * @throws RefusedException with one of the refusals above
   */
  Origin verify(String header, HandedOn request) {
    String[] words = header.split(" ", -1);
    if (words.length != 7 || !words[2].matches("\\d{1,18}")) {
      throw new RefusedException(FORGED);
    }
    String expected = mac(header.substring(0, header.lastIndexOf(' ')), request);
    if (!MessageDigest.isEqual(bytes(expected), bytes(words[6]))) {
      throw new RefusedException(FORGED);
    }
    if (!words[1].equals(id)) {
      throw new RefusedException(FOR_ANOTHER);
    }
    if (!isSpoken(words[5])) {
      throw new RefusedException(UNKNOWN_VERSION);
    }
    synchronized (windows) {
      ReplayWindow window = windows.computeIfAbsent(words[0], sender -> new ReplayWindow());
      if (!window.admits(Long.parseLong(words[2]))) {
        throw new RefusedException(REPEATED);
      }
    }
    return new Origin(words[3], words[4]);
  }

  private static boolean isSpoken(String protocol) {
    return protocol.matches("\\d{1,4}") && Integer.parseInt(protocol) <= Node.PROTOCOL;
  }

  private String mac(String head, HandedOn request) {
    StringBuilder all = new StringBuilder(512);
    all.append(head).append('\n').append(request.method()).append('\n').append(request.target());
    // No value contains a line break.
    request
        .headers()
        .forEach((name, value) -> all.append('\n').append(name).append(':').append(value));
    return secret.mac(all.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
