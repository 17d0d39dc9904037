package cablestream.hardening;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A browser, or what pretends to be one: an events-id, and what each of its requests has. The
 * {@code with…} methods return another, which differs in that alone.
 *
 * @param headers of each request: {@code Name: value}
 * @param query of each request; may be empty
 * @param from the address that it calls from; null for any
 */
record Visitor(Site site, String id, List<String> headers, String query, String from) {

  /** On a page of the bridge's own site, and known to the application by a cookie. */
  static Visitor of(Victim victim) {
    return of(victim.site());
  }

  static Visitor of(Site site) {
    String user = UUID.randomUUID().toString();
    return new Visitor(
        site,
        UUID.randomUUID().toString(),
        List.of("Origin: http://127.0.0.1:" + site.port(), "Cookie: user=" + user),
        "",
        null);
  }

  /** On the one page that a strict bridge lets in. */
  static Visitor ofPage(Victim victim) {
    return of(victim)
        .without("Origin")
        .with("Origin", Victim.PAGE)
        .with("X-Forwarded-Proto", "https");
  }

  Visitor with(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name + ": " + value);
    return new Visitor(site, id, more, query, from);
  }

  Visitor without(String name) {
    List<String> fewer =
        headers.stream().filter(header -> !header.startsWith(name + ": ")).toList();
    return new Visitor(site, id, fewer, query, from);
  }

  Visitor withOrigin(String origin) {
    return without("Origin").with("Origin", origin);
  }

  Visitor withId(String other) {
    return new Visitor(site, other, headers, query, from);
  }

  Visitor withNewId() {
    return withId(UUID.randomUUID().toString());
  }

  Visitor withQuery(String other) {
    return new Visitor(site, id, headers, other, from);
  }

  Visitor from(String address) {
    return new Visitor(site, id, headers, query, address);
  }

  /** Asks for a server that does such a thing to it. */
  Visitor attackedBy(String attack) {
    return withQuery("attack=" + attack);
  }

  /** A header of each request; of several lines the first. */
  String header(String name) {
    return headers.stream()
        .filter(header -> header.startsWith(name + ": "))
        .map(header -> header.substring(name.length() + 2))
        .findFirst()
        .orElseThrow();
  }

  /** The bridge's own cookie that an answer set: {@code cablestream=…}. */
  static String cookieOf(RawResponse answer) {
    return answer.header("set-cookie").orElseThrow().split(";")[0];
  }

  String path() {
    return site.path() + "/" + id;
  }

  /**
   * @param more added to the query; may be empty
   */
  RawRequest request(String method, String more) {
    String both = query.isEmpty() || more.isEmpty() ? query + more : query + "&" + more;
    RawRequest request =
        RawRequest.of(method, site.port(), path() + (both.isEmpty() ? "" : "?" + both)).from(from);
    request.headers(headers);
    return request;
  }

  RawRequest stream(String more) {
    return request("GET", more).header("Accept", "text/event-stream");
  }

  EventStream listen() {
    return stream("").listen();
  }

  RawResponse poll(String more) {
    return request("GET", more).header("Accept", "application/json").send();
  }

  /** Sends a body as it is. */
  RawResponse post(String body) {
    return request("POST", "").header("Content-Type", "text/plain").body(body).send();
  }

  RawResponse delete() {
    return request("DELETE", "").send();
  }

  RawResponse subscribe(String identifier) {
    return post("[{\"identifier\":" + identifier + ",\"subscribe\":true}]");
  }

  RawResponse send(String identifier, String data) {
    return post("[{\"identifier\":" + identifier + ",\"send\":" + data + "}]");
  }

  /** A stream with a confirmed subscription, of which nothing is left to be read. */
  EventStream listenTo(String identifier) {
    EventStream stream = listen();
    stream.next("joined");
    subscribe(identifier);
    stream.next("connected");
    return stream;
  }
}
