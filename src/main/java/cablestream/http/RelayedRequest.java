package cablestream.http;

import cablestream.cluster.HandedOn;
import cablestream.cluster.Origin;
import cablestream.http.request.Headers;
import cablestream.http.request.Origins;
import cablestream.http.request.RequestReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A request that another node has handed on, as it reached that node: the address at the other end
 * is its client's, or its proxy's, so who calls, and whose word counts, comes out the same on both.
 */
final class RelayedRequest extends HttpServletRequestWrapper {
  /** All headers of a request that the bridge reads; with those that are forwarded as set. */
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
          "user-agent",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-forwarded-proto",
          "x-real-ip");

  private final Origin origin;

  RelayedRequest(HttpServletRequest request, Origin origin) {
    super(request);
    this.origin = origin;
  }

  /**
   * What is handed on, or has been.
   *
   * @param further the setting {@code forwarded-headers}
   * @param patience how long nothing may come back
   */
  static HandedOn of(
      HttpServletRequest request, List<String> further, Origin origin, Duration patience) {
    Map<String, String> headers = new LinkedHashMap<>();
    Stream.concat(HEADERS.stream(), further.stream().map(name -> name.toLowerCase(Locale.ROOT)))
        .forEach(name -> put(headers, name, request));
    headers.put("host", host(request));
    String query = request.getQueryString();
    String target = RequestReader.path(request) + (query == null ? "" : "?" + query);
    return new HandedOn(request.getMethod(), target, headers, origin, null, patience);
  }

  private static void put(Map<String, String> headers, String name, HttpServletRequest request) {
    // Joined as they are where they are read, or one caller would be two.
    String value = Headers.value(request, name, name.equals("cookie") ? ";" : ", ");
    if (value != null) {
      headers.put(name, value.strip());
    }
  }

  /** A container may keep HTTP/2's {@code :authority} to itself. */
  private static String host(HttpServletRequest request) {
    String host = Headers.value(request, "Host", ",");
    return host == null
        ? Origins.host(request.getScheme(), request.getServerName(), request.getServerPort())
        : host;
  }

  @Override
  public String getRemoteAddr() {
    return origin.peer();
  }

  /** Of the connection between two nodes it would say something else than it means. */
  @Override
  public int getRemotePort() {
    return 0;
  }

  @Override
  public String getScheme() {
    return origin.scheme();
  }

  @Override
  public boolean isSecure() {
    return origin.scheme().equals("https");
  }

  /** Somebody's request as it reached this node. */
  static Origin origin(HttpServletRequest request) {
    return new Origin(request.getRemoteAddr(), request.getScheme());
  }
}
