package cablestream.cable;

import cablestream.memory.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * What a dial sends: the caller's headers, the path, the application's query and the requested
 * subprotocols. It is stored for redials as long as the session lives, so all of it is in one
 * string.
 */
public final class DialRequest {
  /** One header line to send, its value free of CR, LF and NUL. */
  public record Header(String name, String value) {}

  /** Shows the application that a connection came through the bridge. */
  public static final Header VIA = new Header("Via", "1.1 cablestream");

  /** The subprotocols to request if the browser names none. */
  public static final List<String> PROTOCOLS = ActionCableProtocol.NAMES;

  private static final char END = '\0';

  private final String block;
  private final long size;

  /** A request for the path of {@code cable.url}. */
  public DialRequest(List<Header> headers, String query, List<String> protocols) {
    this(headers, "", query, protocols);
  }

  /**
   * @param headers in the order to send them, names not repeated (values joined already)
   * @param path the client's path, without control characters; empty for that of {@code cable.url}
   * @param query the application's part of the query, raw, without {@code ?}; empty for none
   * @param protocols the subprotocols to request, in order; a dial needs at least one
   */
  public DialRequest(List<Header> headers, String path, String query, List<String> protocols) {
    StringBuilder all = new StringBuilder(length(headers, path, query, protocols));
    all.append(path).append(END).append(query).append(END);
    all.append(String.join(",", protocols)).append(END);
    for (Header header : headers) {
      all.append(header.name).append(END).append(header.value).append(END);
    }
    block = all.toString();
    size = 24 + Weights.of(block);
  }

  /** The length of such a request in characters, each part with one more. */
  public static int length(
      List<Header> headers, String path, String query, List<String> protocols) {
    int length = path.length() + query.length() + String.join(",", protocols).length() + 3;
    for (Header header : headers) {
      length += header.name.length() + header.value.length() + 2;
    }
    return length;
  }

  /** Its {@link #length(List, String, String, List) length}. */
  public int length() {
    return block.length();
  }

  /** Its size in the heap, in bytes. */
  public long size() {
    return size;
  }

  /** The client's path; empty for that of {@code cable.url}. */
  public String path() {
    return block.substring(0, block.indexOf(END));
  }

  /** The query of the URL, without its question mark; empty for none. */
  public String query() {
    return parts()[1];
  }

  /** The value of {@code Sec-WebSocket-Protocol}, in this order. */
  public List<String> protocols() {
    String joined = parts()[2];
    return joined.isEmpty() ? List.of() : List.of(joined.split(","));
  }

  /** The request headers, in this order. */
  public List<Header> headers() {
    String[] parts = parts();
    List<Header> headers = new ArrayList<>();
    for (int i = 3; i + 1 < parts.length - 1; i += 2) {
      headers.add(new Header(parts[i], parts[i + 1]));
    }
    return headers;
  }

  /** The value of a header, its name in any case; null for none. */
  public String header(String name) {
    return headers().stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .findFirst()
        .orElse(null);
  }

  /**
   * The id under which proxies and the server log the caller's request, if it may be logged: {@code
   * X-Request-Id} if it consists of hex digits and hyphens, like a UUID, or the trace's id of
   * {@code traceparent}; null for neither.
   */
  public String requestId() {
    String id = header("X-Request-Id");
    if (id != null && id.matches("[0-9a-fA-F-]{16,64}")) {
      return id;
    }
    String trace = header("traceparent");
    return trace != null && trace.matches("00-[0-9a-f]{32}-.*") ? trace.substring(3, 35) : null;
  }

  private String[] parts() {
    return block.split(String.valueOf(END), -1);
  }
}
