package cablestream.cluster;

import cablestream.cluster.Nodes.Claimed;
import cablestream.concurrent.BoundedMap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Says of a request that a node, and nobody else, has handed it on to another: an HMAC (RFC 2104,
 * SHA-256) with the cluster's secret over both nodes' ids, a number, method, target, and all that
 * tells who calls. The body isn't in it. No clock is: a node's id is another one with each start,
 * and its requests to another are numbered, so that one which comes again is refused.
 */
final class Signatures {
  private static final String ALGORITHM = "HmacSHA256";

  /** Senders that are remembered; each start of a node is one. */
  private static final int MOST_SENDERS = 1_000;

  private final SecretKeySpec key;
  private final String id;

  /** By receiver, the requests so far. */
  private final Map<String, AtomicLong> numbers = new ConcurrentHashMap<>();

  /** By sender. */
  private final Map<String, ReplayWindow> windows = BoundedMap.byUse(MOST_SENDERS);

  /**
   * @param id this node's
   */
  Signatures(String secret, String id) {
    key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    this.id = id;
  }

  /** The header of a request for a node: {@code sender receiver number peer scheme signature}. */
  String sign(String receiver, HandedOn request) {
    String head =
        String.join(
            " ",
            id,
            receiver,
            Long.toString(next(receiver)),
            request.origin().peer(),
            request.origin().scheme());
    return head + " " + mac(head, request);
  }

  private long next(String receiver) {
    if (numbers.size() > MOST_SENDERS) {
      numbers.keySet().removeIf(each -> !each.equals(receiver)); // each of a start that is over
    }
    return numbers.computeIfAbsent(receiver, each -> new AtomicLong()).incrementAndGet();
  }

  /** As {@link Nodes#verified}. Another node is this one, too, before it was started again. */
  Claimed verify(String header, HandedOn request) {
    int end = header.lastIndexOf(' ');
    String[] words = header.split(" ", -1);
    if (words.length != 6 || !words[2].matches("\\d{1,18}")) {
      return new Claimed.Forged();
    }
    String expected = mac(header.substring(0, end), request);
    if (!MessageDigest.isEqual(bytes(expected), bytes(words[5]))) {
      return new Claimed.Forged();
    }
    if (!words[1].equals(id)) {
      return new Claimed.ForAnother();
    }
    synchronized (windows) {
      ReplayWindow window = windows.computeIfAbsent(words[0], sender -> new ReplayWindow());
      if (!window.admits(Long.parseLong(words[2]))) {
        return new Claimed.Repeated();
      }
    }
    return new Claimed.HandedOn(new Origin(words[3], words[4]));
  }

  /** Names something to those who don't have the secret, without telling what it is. */
  String hash(String text) {
    return encode(mac(text)).substring(0, 32);
  }

  private String mac(String head, HandedOn request) {
    StringBuilder all = new StringBuilder(512);
    all.append(head).append('\n').append(request.method()).append('\n').append(request.target());
    // No value has a line break in it.
    new TreeMap<>(request.headers())
        .forEach((name, value) -> all.append('\n').append(name).append(':').append(value));
    return encode(mac(all.toString()));
  }

  private byte[] mac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
