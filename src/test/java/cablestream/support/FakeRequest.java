package cablestream.support;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request as a container would pass it on, built by a test. Calls for anything the test hasn't
 * set, or that the bridge must not use (parameters, sessions, parsed cookies), fail.
 */
public final class FakeRequest {
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private String scheme = "http";
  private String peer = "203.0.113.9";

  /** A request to {@code http://bridge.example/} without headers. */
  public static FakeRequest aRequest() {
    return new FakeRequest().header("Host", "bridge.example");
  }

  /** Adds a header line. */
  public FakeRequest header(String name, String value) {
    headers.computeIfAbsent(name, ignored -> new ArrayList<>()).add(value);
    return this;
  }

  /** Removes all lines of that name. */
  public FakeRequest without(String name) {
    headers.remove(name);
    return this;
  }

  /** Sets the address of the TCP peer. */
  public FakeRequest from(String address) {
    peer = address;
    return this;
  }

  /** Marks the connection as TLS. */
  public FakeRequest secure() {
    scheme = "https";
    return this;
  }

  /** The request that a servlet receives. */
  public HttpServletRequest build() {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            FakeRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getHeaders" ->
                      Collections.enumeration(
                          headers.getOrDefault((String) arguments[0], List.of()));
                  case "getHeader" ->
                      headers.getOrDefault((String) arguments[0], List.of()).stream()
                          .findFirst()
                          .orElse(null);
                  case "getHeaderNames" -> Collections.enumeration(headers.keySet());
                  case "getRemoteAddr" -> peer;
                  case "getRemotePort" -> 54_321;
                  case "getLocalPort" -> 8080;
                  case "getScheme" -> scheme;
                  case "getServerName" -> "server.example";
                  case "getServerPort" -> 8080;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
