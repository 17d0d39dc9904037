package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/**
 * A browser on a page of the bridge's own site: it has an events-id, a cookie that tells Rails who
 * it is, and the same origin as the bridge. The {@code with…} methods return another visitor, who
 * differs in that alone.
 *
 * @param base the bridge's context path, without a slash at its end
 * @param headers of each request: {@code Name: value}
 * @param query of each request; may be empty
 * @param tls null for plain HTTP
 * @param from the loopback address that it has; null for the usual one
 */
record Visitor(
    int port,
    String base,
    String id,
    String user,
    List<String> headers,
    String query,
    SSLContext tls,
    String from) {
  static Visitor of(Bridge bridge) {
    return at(bridge.port(), bridge.base().getPath());
  }

  static Visitor at(int port, String base) {
    String user = UUID.randomUUID().toString();
    List<String> headers = List.of("Origin: http://127.0.0.1:" + port, "Cookie: user=" + user);
    return new Visitor(port, base, UUID.randomUUID().toString(), user, headers, "", null, null);
  }

  /** The origin of the bridge, and so of this visitor's page. */
  String origin() {
    return "http://127.0.0.1:" + port;
  }

  Visitor with(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name + ": " + value);
    return new Visitor(port, base, id, user, more, query, tls, from);
  }

  Visitor without(String name) {
    List<String> fewer =
        headers.stream().filter(header -> !header.startsWith(name + ": ")).toList();
    return new Visitor(port, base, id, user, fewer, query, tls, from);
  }

  Visitor withId(String other) {
    return new Visitor(port, base, other, user, headers, query, tls, from);
  }

  Visitor withQuery(String other) {
    return new Visitor(port, base, id, user, headers, other, tls, from);
  }

  /** The same browser a moment later: it has the cookie that an answer set. */
  Visitor withCookieOf(RawResponse answer) {
    String cookie = answer.header("set-cookie").orElseThrow().split(";")[0];
    return with("Cookie", cookie);
  }

  /** The same browser on a site that is reached by TLS, as {@code https://app.example}. */
  Visitor over(SSLContext context, String host) {
    Visitor elsewhere = without("Origin").with("Origin", "https://" + host).with("Host", host);
    return new Visitor(port, base, id, user, elsewhere.headers, query, context, from);
  }

  /** The same browser at another loopback address, as {@code 127.0.0.2}. */
  Visitor at(String address) {
    return new Visitor(port, base, id, user, headers, query, tls, address);
  }

  /**
   * @param more added to the query; may be empty
   */
  RawRequest request(String method, String more) {
    String both = query.isEmpty() || more.isEmpty() ? query + more : query + "&" + more;
    RawRequest request =
        RawRequest.of(method, port, base + "/" + id + (both.isEmpty() ? "" : "?" + both));
    request.headers(headers);
    if (from != null) {
      request.from(from);
    }
    return tls == null ? request : request.over(tls);
  }

  RawRequest stream(String more) {
    return request("GET", more).header("Accept", "text/event-stream");
  }

  /** Opens or joins the session; the event {@code joined} is still to be read. */
  EventStream listen() {
    return stream("").listen();
  }

  /** What a GET for a stream is answered that isn't let in. */
  RawResponse refused() {
    return stream("").send();
  }

  RawResponse poll(String more) {
    return request("GET", more).header("Accept", "application/json").send();
  }

  /** Sends commands, written as by {@link Commands}. */
  RawResponse post(String... commands) {
    return request("POST", "")
        .header("Content-Type", "text/plain")
        .body("[" + String.join(",", commands) + "]")
        .send();
  }

  RawResponse delete() {
    return request("DELETE", "").send();
  }

  /** A stream on which the subscription has been confirmed, and all events so far been read. */
  EventStream subscribe(String identifier) {
    EventStream stream = listen();
    stream.next("joined");
    post(Commands.subscribe(identifier));
    stream.next("connected");
    return stream;
  }
}
