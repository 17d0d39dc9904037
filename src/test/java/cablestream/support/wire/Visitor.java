package cablestream.support.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/**
 * A browser as the bridge sees it: an events-id, and the common parts of its requests. The {@code
 * with…} methods and the like return a copy that differs only in that.
 *
 * @param user the name that its cookie gives the application
 * @param headers of each request: {@code Name: value}
 * @param query of each request; may be empty
 * @param tls null for plain HTTP
 * @param from its loopback address; null for the usual one
 */
public record Visitor(
    Site site,
    String id,
    String user,
    List<String> headers,
    String query,
    SSLContext tls,
    String from) {

  /** A new visitor on a page of the bridge's own site. */
  public static Visitor of(Site site) {
    String user = UUID.randomUUID().toString();
    List<String> headers =
        List.of("Origin: http://127.0.0.1:" + site.port(), "Cookie: user=" + user);
    return new Visitor(site, UUID.randomUUID().toString(), user, headers, "", null, null);
  }

  private Visitor withHeaders(List<String> others) {
    return new Visitor(site, id, user, others, query, tls, from);
  }

  public Visitor with(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name + ": " + value);
    return withHeaders(more);
  }

  public Visitor without(String name) {
    return withHeaders(headers.stream().filter(header -> !header.startsWith(name + ": ")).toList());
  }

  public Visitor withOrigin(String origin) {
    return without("Origin").with("Origin", origin);
  }

  /** The same visitor at another address of the bridge. */
  public Visitor at(Site other) {
    return new Visitor(other, id, user, headers, query, tls, from);
  }

  public Visitor withId(String other) {
    return new Visitor(site, other, user, headers, query, tls, from);
  }

  public Visitor withNewId() {
    return withId(UUID.randomUUID().toString());
  }

  public Visitor withQuery(String other) {
    return new Visitor(site, id, user, headers, other, tls, from);
  }

  /** The same browser with the cookie that a response set. */
  public Visitor withCookieOf(RawResponse answer) {
    return with("Cookie", cookieOf(answer));
  }

  /** The same browser on a site with TLS, such as {@code https://app.example}. */
  public Visitor over(SSLContext context, String host) {
    Visitor elsewhere = withOrigin("https://" + host).with("Host", host);
    return new Visitor(site, id, user, elsewhere.headers, query, context, from);
  }

  /** The same browser at another loopback address, as {@code 127.0.0.2}. */
  public Visitor from(String address) {
    return new Visitor(site, id, user, headers, query, tls, address);
  }

  /** The bridge's own cookie in a response: {@code cablestream=…}. */
  public static String cookieOf(RawResponse answer) {
    return answer.header("set-cookie").orElseThrow().split(";")[0];
  }

  /** The bridge's own origin without TLS. */
  public String origin() {
    return "http://127.0.0.1:" + site.port();
  }

  /** A header of each request; the first of several lines. */
  public String header(String name) {
    return headers.stream()
        .filter(header -> header.startsWith(name + ": "))
        .map(header -> header.substring(name.length() + 2))
        .findFirst()
        .orElseThrow();
  }

  /** The path of its session. */
  public String path() {
    return site.path() + "/" + id;
  }

  /**
   * @param more appended to the query; may be empty
   */
  public RawRequest request(String method, String more) {
    String both = query.isEmpty() || more.isEmpty() ? query + more : query + "&" + more;
    return RawRequest.of(method, site.port(), path() + (both.isEmpty() ? "" : "?" + both))
        .headers(headers)
        .from(from)
        .over(tls);
  }

  /** A GET for a stream. */
  public RawRequest stream(String more) {
    return request("GET", more).header("Accept", "text/event-stream");
  }

  /** Opens or joins the session; the event {@code joined} is still to be read. */
  public EventStream listen() {
    return stream("").listen();
  }

  /** The response to a GET for a stream that is expected to be refused. */
  public RawResponse refused() {
    return stream("").send();
  }

  public RawResponse poll(String more) {
    return request("GET", more).header("Accept", "application/json").send();
  }

  /** Sends commands written by {@link Commands}. */
  public RawResponse post(String... commands) {
    return postBody("[" + String.join(",", commands) + "]");
  }

  /** Sends a body unchanged. */
  public RawResponse postBody(String body) {
    return request("POST", "").header("Content-Type", "text/plain").body(body).send();
  }

  public RawResponse delete() {
    return request("DELETE", "").send();
  }

  public RawResponse subscribe(String identifier) {
    return post(Commands.subscribe(identifier));
  }

  public RawResponse send(String identifier, String data) {
    return post(Commands.send(identifier, data));
  }

  /** A stream with a confirmed subscription, from which all events so far have been read. */
  public EventStream listenTo(String identifier) {
    EventStream stream = listen();
    stream.next("joined");
    subscribe(identifier);
    stream.next("connected");
    return stream;
  }
}
