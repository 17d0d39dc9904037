package cablestream.support.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/**
 * A browser, or what pretends to be one: it has an events-id, and what each of its requests has.
 * The {@code with…} methods and the like return another, which differs in that alone.
 *
 * @param user by whom a cookie tells the application who it is
 * @param headers of each request: {@code Name: value}
 * @param query of each request; may be empty
 * @param tls null for plain HTTP
 * @param from the loopback address that it has; null for the usual one
 */
public record Visitor(
    Site site,
    String id,
    String user,
    List<String> headers,
    String query,
    SSLContext tls,
    String from) {

  /** Somebody new, on a page of the bridge's own site. */
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

  /** The same, by another way to the bridge. */
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

  /** The same browser a moment later: it has the cookie that an answer set. */
  public Visitor withCookieOf(RawResponse answer) {
    return with("Cookie", cookieOf(answer));
  }

  /** The same browser on a site that is reached by TLS, as {@code https://app.example}. */
  public Visitor over(SSLContext context, String host) {
    Visitor elsewhere = withOrigin("https://" + host).with("Host", host);
    return new Visitor(site, id, user, elsewhere.headers, query, context, from);
  }

  /** The same browser at another loopback address, as {@code 127.0.0.2}. */
  public Visitor from(String address) {
    return new Visitor(site, id, user, headers, query, tls, address);
  }

  /** The bridge's own cookie that an answer set: {@code cablestream=…}. */
  public static String cookieOf(RawResponse answer) {
    return answer.header("set-cookie").orElseThrow().split(";")[0];
  }

  /** The origin of the bridge, as it is reached without TLS. */
  public String origin() {
    return "http://127.0.0.1:" + site.port();
  }

  /** A header of each request; of several lines the first. */
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
   * @param more added to the query; may be empty
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

  /** What a GET for a stream is answered that isn't let in. */
  public RawResponse refused() {
    return stream("").send();
  }

  public RawResponse poll(String more) {
    return request("GET", more).header("Accept", "application/json").send();
  }

  /** Sends commands, written as by {@link Commands}. */
  public RawResponse post(String... commands) {
    return postBody("[" + String.join(",", commands) + "]");
  }

  /** Sends a body as it is. */
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

  /** A stream on which the subscription has been confirmed, and all events so far been read. */
  public EventStream listenTo(String identifier) {
    EventStream stream = listen();
    stream.next("joined");
    subscribe(identifier);
    stream.next("connected");
    return stream;
  }
}
