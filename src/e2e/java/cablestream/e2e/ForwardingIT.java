package cablestream.e2e;

import static cablestream.support.wire.Commands.HEADERS;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;

/** protocol.md, sections 1 and 5: what Rails receives of the caller. */
@InTomcatAndJetty
class ForwardingIT {
  private final Container container;
  private final Bridge bridge;

  ForwardingIT(Container container) {
    this.container = container;
    bridge = Stage.bridge(container);
  }

  @Test
  void allCookiesAreForwardedAlsoThoseOfSeveralHeaders() {
    Visitor visitor = bridge.visitor().with("Cookie", "a=1; b=2").with("Cookie", "c=3");

    assertThat(header(visitor, "COOKIE")).isEqualTo("user=" + visitor.user() + "; a=1; b=2; c=3");
  }

  @Test
  void theBridgesOwnCookieIsNot() {
    Visitor visitor = bridge.visitor().with("Cookie", "a=1; cablestream=0123456789abcdef; b=2");

    assertThat(header(visitor, "COOKIE")).isEqualTo("user=" + visitor.user() + "; a=1; b=2");
  }

  @Test
  void authorizationUserAgentAndLanguageAreForwarded() {
    JsonObject headers =
        headers(
            bridge
                .visitor()
                .with("Authorization", "Bearer t0ken")
                .with("User-Agent", "Netscape/4.7")
                .with("Accept-Language", "de-CH, de;q=0.9"));

    assertThat(headers.getString("HTTP_AUTHORIZATION")).isEqualTo("Bearer t0ken");
    assertThat(headers.getString("HTTP_USER_AGENT")).isEqualTo("Netscape/4.7");
    assertThat(headers.getString("HTTP_ACCEPT_LANGUAGE")).isEqualTo("de-CH, de;q=0.9");
  }

  @Test
  void theHostAndTheOriginAreTheClients() {
    Visitor visitor =
        bridge
            .visitor()
            .without("Origin")
            .with("Host", "app.example")
            .with("Origin", "http://app.example");

    JsonObject headers = headers(visitor);

    assertThat(headers.getString("HTTP_HOST")).isEqualTo("app.example");
    assertThat(headers.getString("HTTP_ORIGIN")).isEqualTo("http://app.example");
  }

  @Test
  void theClientsAddressAndTheRequestsOwnSchemeHostAndPortAreTold() {
    JsonObject headers = headers(bridge.visitor());

    assertThat(headers.getString("HTTP_X_FORWARDED_FOR")).isEqualTo("127.0.0.1");
    assertThat(headers.getString("HTTP_X_FORWARDED_PROTO")).isEqualTo("http");
    assertThat(headers.getString("HTTP_X_FORWARDED_PORT")).isEqualTo("" + bridge.port());
    assertThat(headers.getString("HTTP_X_FORWARDED_HOST")).isEqualTo("127.0.0.1:" + bridge.port());
    assertThat(headers.getString("HTTP_X_REAL_IP")).isEqualTo("127.0.0.1");
  }

  @Test
  void forwardingHeadersOfATrustedProxyAreBelievedAndItsAddressAppended() {
    Visitor visitor =
        bridge
            .visitor()
            .without("Origin")
            .with("Host", "app.example")
            .with("Origin", "https://app.example")
            .with("X-Forwarded-For", "203.0.113.7")
            .with("X-Forwarded-Proto", "https")
            .with("X-Forwarded-Host", "app.example")
            .with("X-Forwarded-Port", "443")
            .with("X-Real-IP", "203.0.113.7");

    JsonObject headers = headers(visitor);

    // Rails as well accepts the origin only because it trusts X-Forwarded-Proto.
    assertThat(headers.getString("HTTP_X_FORWARDED_FOR")).isEqualTo("203.0.113.7, 127.0.0.1");
    assertThat(headers.getString("HTTP_X_FORWARDED_PROTO")).isEqualTo("https");
    assertThat(headers.getString("HTTP_X_FORWARDED_HOST")).isEqualTo("app.example");
    assertThat(headers.getString("HTTP_X_FORWARDED_PORT")).isEqualTo("443");
    assertThat(headers.getString("HTTP_X_REAL_IP")).isEqualTo("203.0.113.7");
  }

  @Test
  void forwardingHeadersOfAStrangerAreReplaced() {
    try (Bridge behindAProxy =
        Stage.bridgeWithSettings(container).setting("trusted-proxies", "192.0.2.1").start()) {
      Visitor liar =
          behindAProxy
              .visitor()
              .with("X-Forwarded-For", "203.0.113.7")
              .with("X-Forwarded-Proto", "https")
              .with("X-Forwarded-Host", "evil.example")
              .with("X-Real-IP", "203.0.113.7");

      JsonObject headers = headers(liar);

      assertThat(headers.getString("HTTP_X_FORWARDED_FOR")).isEqualTo("127.0.0.1");
      assertThat(headers.getString("HTTP_X_FORWARDED_PROTO")).isEqualTo("http");
      assertThat(headers.getString("HTTP_X_REAL_IP")).isEqualTo("127.0.0.1");
      assertThat(headers.toString()).doesNotContain("evil.example");
    }
  }

  @Test
  void furtherHeadersAreForwardedWhereTheConfigurationNamesThem() {
    try (Bridge configured =
        Stage.bridgeWithSettings(container)
            .setting("cable.forwarded-headers", "X-Tenant, X-Device")
            .start()) {
      JsonObject headers =
          headers(configured.visitor().with("X-Tenant", "acme").with("X-Other", "no"));

      assertThat(headers.getString("HTTP_X_TENANT")).isEqualTo("acme");
      assertThat(headers).doesNotContainKey("HTTP_X_OTHER");
    }
  }

  @Test
  void anotherPathIsDialledWhereTheConfigurationNamesIt() {
    try (Bridge configured =
        Stage.bridgeWithSettings(container).setting("cable.paths", "/*/cable").start()) {
      configured.visitor().withQuery("cable-path=/admin/cable").listenTo(Commands.ECHO).close();
      RawResponse nothingThere =
          configured.visitor().withQuery("cable-path=/other/cable").refused();

      assertThat(nothingThere.status()).isEqualTo(502);
      assertThat(nothingThere.text()).contains("HTTP 404");
      assertThat(configured.visitor().withQuery("cable-path=/other").refused().status())
          .isEqualTo(403);
    }
  }

  @Test
  void aFixedHostAndOriginCanBeConfigured() {
    try (Bridge configured =
        Stage.bridgeWithSettings(container)
            .setting("cable.host", "rails.internal")
            .setting("cable.origin", "http://rails.internal")
            .start()) {
      JsonObject headers = headers(configured.visitor());

      assertThat(headers.getString("HTTP_HOST")).isEqualTo("rails.internal");
      assertThat(headers.getString("HTTP_ORIGIN")).isEqualTo("http://rails.internal");
    }
  }

  @Test
  void theSubprotocolsOfActionCableAreOffered() {
    assertThat(header(bridge.visitor(), "SEC_WEBSOCKET_PROTOCOL").replace(" ", ""))
        .isEqualTo("actioncable-v1-json,actioncable-unsupported");
  }

  @Test
  void theApplicationsQueryIsPassedOnInOrderAndTheBridgesOwnIsNot() {
    Visitor visitor =
        bridge
            .visitor()
            .without("Cookie")
            .withQuery(
                "token=t%2B1&z=1&timeout=5&a=%C3%A9&z=2&last-event-id=0&ping=60&empty=&flag");

    JsonObject seen = seen(visitor);

    assertThat(seen.getString("query")).isEqualTo("token=t%2B1&z=1&a=%C3%A9&z=2&empty=&flag");
    assertThat(seen.getString("user")).isEqualTo("t+1");
  }

  @Test
  void aTokenInTheQueryTellsRailsWhoItIs() {
    Visitor visitor = bridge.visitor().without("Cookie").withQuery("token=ann");

    assertThat(seen(visitor).getString("user")).isEqualTo("ann");
  }

  @Test
  void aSameOriginGetWithoutAnOriginHasThatOfItsHost() {
    Visitor visitor = bridge.visitor().without("Origin").with("Sec-Fetch-Site", "same-origin");

    assertThat(header(visitor, "ORIGIN")).isEqualTo(visitor.origin());
  }

  @Test
  void elseTheOriginIsThatOfTheReferer() {
    Visitor visitor = bridge.visitor().without("Origin");

    assertThat(header(visitor.with("Referer", visitor.origin() + "/chat?room=1"), "ORIGIN"))
        .isEqualTo(visitor.origin());
  }

  @Test
  void withoutAnyOriginThereIsNoneAndRailsRefuses() {
    OpeningIT.assertError(bridge.visitor().without("Origin").refused(), 502);
  }

  private static String header(Visitor visitor, String name) {
    return headers(visitor).getString("HTTP_" + name);
  }

  private static JsonObject headers(Visitor visitor) {
    return seen(visitor).getJsonObject("headers");
  }

  /** HeadersChannel's report of the connection. */
  private static JsonObject seen(Visitor visitor) {
    try (EventStream stream = visitor.listen()) {
      visitor.post(subscribe(HEADERS));
      JsonObject seen = stream.skipTo("received").json().getJsonObject("message");
      assertThat(seen.getString("path")).isEqualTo("/cable");
      return seen;
    }
  }
}
