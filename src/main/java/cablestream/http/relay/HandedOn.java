package cablestream.http.relay;

import cablestream.http.request.Forwarding;
import cablestream.http.request.Headers;
import cablestream.http.request.RequestReader;
import cablestream.memory.Weights;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A request that one node relays to another.
 *
 * @param path below the context path
 * @param query as the first node's container has it; null for none
 * @param headers all that the bridge reads, their names in lower case
 * @param origin how the first node was reached
 * @param body null for none
 */
record HandedOn(
    String method,
    String path,
    String query,
    SortedMap<String, String> headers,
    Origin origin,
    byte[] body) {
  /** The header with the query of a relayed request. */
  static final String QUERY = "Cablestream-Query";

  /** The size of a request without headers: its objects here and in the container. */
  private static final int REQUEST_BYTES = 4 * 1024;

  /** All headers that the bridge reads, except those that the settings add. */
  private static final List<String> HEADERS =
      List.of(
          "accept",
          "accept-language",
          "authorization",
          "content-encoding",
          "cookie",
          "idempotency-key",
          "last-event-id",
          "origin",
          "referer",
          "sec-fetch-site",
          "traceparent",
          "user-agent",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "x-real-ip",
          "x-request-id");

  /**
   * How the first node was reached.
   *
   * @param peer the other address of its connection
   * @param scheme {@code http} or {@code https}
   */
  record Origin(String peer, String scheme) {
    static Origin of(HttpServletRequest request) {
      return new Origin(request.getRemoteAddr(), request.getScheme());
    }
  }

  /**
   * A request to relay, or a relayed one, without its body.
   *
   * @param forwarded the setting {@code forwarded-headers}
   */
  static HandedOn of(HttpServletRequest request, List<String> forwarded) {
    SortedMap<String, String> headers = new TreeMap<>();
    Stream.concat(HEADERS.stream(), forwarded.stream().map(name -> name.toLowerCase(Locale.ROOT)))
        .forEach(name -> put(headers, name, request));
    headers.put("host", Forwarding.hostHeader(request));
    return new HandedOn(
        request.getMethod(),
        RequestReader.path(request),
        request.getQueryString(),
        headers,
        Origin.of(request),
        null);
  }

  private static void put(Map<String, String> headers, String name, HttpServletRequest request) {
    // Joined as the reader joins them, or one caller would become two.
    String value = Headers.value(request, name, name.equals("cookie") ? ";" : ", ");
    if (value != null) {
      headers.put(name, value.strip());
    }
  }

  /** The size of the waiting request in the heap, in bytes. */
  long weight() {
    long text = target().length();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      text += header.getKey().length() + header.getValue().length();
    }
    long head = REQUEST_BYTES + 2 * text; // the container has a copy of each
    return body == null ? head : head + Weights.ofBytes(body.length);
  }

  /** A copy with a body. */
  HandedOn with(byte[] complete) {
    return new HandedOn(method, path, query, headers, origin, complete);
  }

  /** The signed request target. */
  String target() {
    return path + (query == null ? "" : "?" + query);
  }

  /**
   * The query, encoded for a header that preserves it: containers and clients decode or refuse some
   * characters in a request line that browsers may send, and they differ in which.
   */
  String encodedQuery() {
    return query.chars().allMatch(each -> each > ' ' && each < 0x7F)
        ? "?" + query
        : Base64.getUrlEncoder().encodeToString(query.getBytes(StandardCharsets.UTF_8));
  }

  /** The query from such a header; null for none, and for a value that no node has sent. */
  static String decodedQuery(String header) {
    if (header == null || header.startsWith("?")) {
      return header == null ? null : header.substring(1);
    }
    try {
      return new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
