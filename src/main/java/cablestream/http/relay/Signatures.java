package cablestream.http.relay;

import cablestream.browser.Refusal;
import cablestream.cluster.Secret;
import cablestream.concurrent.BoundedMap;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Proves that a node of this cluster, and nobody else, has handed a request on to another: an HMAC
 * with the cluster's secret over both nodes' ids, a number, method, target, and all headers that
 * identify the caller. The body isn't in it. No clock is: a node's id is another one with each
 * start, and its requests to another are numbered, so that a repeated one is refused. Any thread.
 */
final class Signatures {
  /** The request's header. */
  static final String HEADER = "Cablestream-Relay";

  /**
   * For the node that had this address before: the sender has to look again (RFC 9110, 15.5.20).
   */
  static final Refusal FOR_ANOTHER =
      new Refusal(HttpRelay.MISDIRECTED, "another node has this session");

  static final Refusal REPEATED =
      new Refusal(503, "this has been handed on before, or much later than others", 1);

  static final Refusal FORGED =
      new Refusal(
          403, "no node of this cluster has handed this on: do all have the same cluster.secret?");

  /** Senders that are remembered; each start of a node is one. */
  private static final int MAX_SENDERS = 1_000;

  private final Secret secret;
  private final String id;

  /** By receiver, the requests so far. */
  private final Map<String, AtomicLong> numbers = new ConcurrentHashMap<>();

  /** By sender. */
  private final Map<String, ReplayWindow> windows = BoundedMap.byUse(MAX_SENDERS);

  /**
   * @param id this node's
   */
  Signatures(Secret secret, String id) {
    this.secret = secret;
    this.id = id;
  }

  /** The header of a request for a node: {@code sender receiver number peer scheme signature}. */
  String sign(String receiver, HandedOn request) {
    Origin origin = request.origin();
    String number = Long.toString(next(receiver));
    String head = String.join(" ", id, receiver, number, origin.peer(), origin.scheme());
    return head + " " + mac(head, request);
  }

  private long next(String receiver) {
    if (numbers.size() > MAX_SENDERS) {
      numbers.keySet().removeIf(each -> !each.equals(receiver)); // each of a start that is over
    }
    return numbers.computeIfAbsent(receiver, each -> new AtomicLong()).incrementAndGet();
  }

  /**
   * How the first node was reached. Another node is this one, too, before it was started again.
   *
   * @throws RefusedException with one of the refusals above
   */
  Origin verify(String header, HandedOn request) {
    String[] words = header.split(" ", -1);
    if (words.length != 6 || !words[2].matches("\\d{1,18}")) {
      throw new RefusedException(FORGED);
    }
    String expected = mac(header.substring(0, header.lastIndexOf(' ')), request);
    if (!MessageDigest.isEqual(bytes(expected), bytes(words[5]))) {
      throw new RefusedException(FORGED);
    }
    if (!words[1].equals(id)) {
      throw new RefusedException(FOR_ANOTHER);
    }
    synchronized (windows) {
      ReplayWindow window = windows.computeIfAbsent(words[0], sender -> new ReplayWindow());
      if (!window.admits(Long.parseLong(words[2]))) {
        throw new RefusedException(REPEATED);
      }
    }
    return new Origin(words[3], words[4]);
  }

  private String mac(String head, HandedOn request) {
    StringBuilder all = new StringBuilder(512);
    all.append(head).append('\n').append(request.method()).append('\n').append(request.target());
    // No value has a line break in it.
    new TreeMap<>(request.headers())
        .forEach((name, value) -> all.append('\n').append(name).append(':').append(value));
    return secret.mac(all.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
