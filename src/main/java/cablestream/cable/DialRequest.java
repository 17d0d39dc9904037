package cablestream.cable;

import cablestream.memory.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * What a dial needs of the caller: the headers to send, the path, the application's query and the
 * subprotocols to ask for. Kept for a redial as long as the session lives, so all of it lies in one
 * string.
 */
public final class DialRequest {
  /** One header line to send, its value free of CR, LF and NUL. */
  public record Header(String name, String value) {}

  /** How the application can tell that a connection came this way. */
  public static final Header VIA = new Header("Via", "1.1 cablestream");

  /** The subprotocols that are asked for where the browser names none. */
  public static final List<String> PROTOCOLS = ActionCableProtocol.NAMES;

  private static final char END = '\0';

  private final String block;
  private final long size;

  /** One to the path of {@code cable.url}. */
  public DialRequest(List<Header> headers, String query, List<String> protocols) {
    this(headers, "", query, protocols);
  }

  /**
   * @param headers in the order to send them, names not repeated (values joined already)
   * @param path that the client names, without control characters; empty for that of {@code
   *     cable.url}
   * @param query the application's part of the query, raw, without {@code ?}; empty for none
   * @param protocols the subprotocols to ask for, in order
   */
  public DialRequest(List<Header> headers, String path, String query, List<String> protocols) {
    String joined = String.join(",", protocols);
    int length = path.length() + query.length() + joined.length() + 3;
    for (Header header : headers) {
      length += header.name.length() + header.value.length() + 2;
    }
    StringBuilder all = new StringBuilder(length);
    all.append(path).append(END).append(query).append(END).append(joined).append(END);
    for (Header header : headers) {
      all.append(header.name).append(END).append(header.value).append(END);
    }
    block = all.toString();
    size = 24 + Weights.of(block);
  }

  /** What it comes to, in characters, each part with one more. */
  public int length() {
    return block.length();
  }

  /** Bytes that it takes in the heap. */
  public long size() {
    return size;
  }

  /** The path that the client names; empty for that of {@code cable.url}. */
  public String path() {
    return block.substring(0, block.indexOf(END));
  }

  /** The query of the URL, without its question mark; empty for none. */
  public String query() {
    return parts()[1];
  }

  /** What is asked for in {@code Sec-WebSocket-Protocol}, in this order. */
  public List<String> protocols() {
    String joined = parts()[2];
    return joined.isEmpty() ? List.of() : List.of(joined.split(","));
  }

  /** The request headers to be sent, in this order. */
  public List<Header> headers() {
    String[] parts = parts();
    List<Header> headers = new ArrayList<>();
    for (int i = 3; i + 1 < parts.length - 1; i += 2) {
      headers.add(new Header(parts[i], parts[i + 1]));
    }
    return headers;
  }

  /** The value of a header, its name in any case; null where there is none. */
  public String header(String name) {
    return headers().stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .findFirst()
        .orElse(null);
  }

  /**
   * What proxies and the server name the caller's request by, as far as it may be logged: hex
   * digits and hyphens, as of a UUID, of {@code X-Request-Id}, or the trace's id of {@code
   * traceparent}; null where there is neither.
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
