package cablestream.http.request;

import cablestream.text.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A request's query, split into the bridge's own parameters and the application's.
 *
 * <p>It is read from the raw query, never from {@code getParameter}, which would read a form's body
 * and lose order and encoding.
 */
final class Query {
  static final String TIMEOUT = "timeout";
  static final String POLL_QUEUE = "poll-queue";
  static final String LAST_EVENT_ID = "last-event-id";
  static final String PROTOCOL = "protocol";
  static final String CABLE_PATH = "cable-path";
  static final String FALLBACK = "fallback";
  static final String PING = "ping";
  static final String SESSION_ID = "session-id";
  static final String IDEMPOTENCY_KEY = "idempotency-key";

  private static final Set<String> OWN =
      Set.of(
          TIMEOUT,
          POLL_QUEUE,
          LAST_EVENT_ID,
          PROTOCOL,
          CABLE_PATH,
          FALLBACK,
          PING,
          SESSION_ID,
          IDEMPOTENCY_KEY);

  private final Map<String, String> own = new HashMap<>();
  private final String application;

  /**
   * @param raw the query as received, without {@code ?}; null for none
   * @throws RefusedException 400 if one of the bridge's own parameters isn't percent-encoded UTF-8,
   *     or if there is a control character
   */
  Query(String raw) {
    StringBuilder others = new StringBuilder();
    int length = raw == null ? -1 : raw.length();
    for (int from = 0, to; from <= length; from = to + 1) {
      to = raw.indexOf('&', from);
      to = to < 0 ? length : to;
      String pair = raw.substring(from, to);
      if (!takeOwn(pair)) {
        others.append(others.isEmpty() ? "" : "&").append(pair);
      }
    }
    application = others.toString();
    if (!Tokens.isFieldValue(application)) {
      throw new RefusedException(400, "the query has a control character in it");
    }
  }

  /**
   * One of the bridge's own parameters, decoded; the first where it is repeated; null if absent.
   */
  String own(String name) {
    return own.get(name);
  }

  /** All other parameters, in order and unchanged: tokens and signatures are compared as text. */
  String application() {
    return application;
  }

  private boolean takeOwn(String pair) {
    int equals = pair.indexOf('=');
    String name = equals < 0 ? pair : pair.substring(0, equals);
    String decoded = name.indexOf('%') < 0 ? name : decode(name);
    if (decoded == null || !OWN.contains(decoded)) {
      return false;
    }
    String value = decode(equals < 0 ? "" : pair.substring(equals + 1));
    if (value == null && decoded.equals(FALLBACK)) {
      value = ""; // counts as another reason: a value that is only counted never causes a refusal
    }
    if (value == null) {
      throw new RefusedException(
          400, "the parameter " + decoded + " must be percent-encoded UTF-8");
    }
    own.putIfAbsent(decoded, value);
    return true;
  }

  /** Decodes as for forms (URL standard, 5.1); null if the text is invalid. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (!isEscape(text, i)) {
          return null;
        }
        bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
        i += 2;
      } else if (c < 0x80) {
        bytes.write(c == '+' ? ' ' : c);
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return Utf8.decode(bytes.toByteArray());
  }

  private static boolean isEscape(String text, int at) {
    return at + 2 < text.length()
        && Character.digit(text.charAt(at + 1), 16) >= 0
        && Character.digit(text.charAt(at + 2), 16) >= 0
        && text.charAt(at + 1) < 128
        && text.charAt(at + 2) < 128;
  }
}
