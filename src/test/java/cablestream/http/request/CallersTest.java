package cablestream.http.request;

import static cablestream.support.FakeRequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import cablestream.http.request.Callers.Arrival;
import cablestream.support.Defaults;
import cablestream.support.FakeRequest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol sections 5 (what is forwarded) and 8 (access). */
class CallersTest {
  private static final String VALUE = "0123456789abcdef0123456789abcdef";
  private static final String BROWSER = "cablestream=" + VALUE;
  private static final List<String> PROTOCOLS =
      List.of("actioncable-v1-json", "actioncable-unsupported");

  private HttpSettings settings = Defaults.http();

  // What is forwarded.

  @Test
  void everyCookieLineIsForwardedLessTheBridgesOwn() {
    FakeRequest request =
        aRequest().header("Cookie", "a=1; " + BROWSER).header("Cookie", "b=2;c=3");

    assertThat(forwarded(request, "Cookie")).isEqualTo("a=1; b=2; c=3");
  }

  @Test
  void theBridgesOwnCookieAloneIsNoCookie() {
    assertThat(forwarded(aRequest().header("Cookie", BROWSER), "Cookie")).isNull();
    assertThat(forwarded(aRequest(), "Cookie")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"Authorization,Bearer x.y-z", "User-Agent,Mozilla/5.0 (X11)", "Accept-Language,de"})
  void whatTellsOfTheUserIsForwarded(String name, String value) {
    assertThat(forwarded(aRequest().header(name, value), name)).isEqualTo(value);
    assertThat(forwarded(aRequest(), name)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Request-Id, 7b1c0f8e-5a7e-4a53-9f0a-0c5d1f6b2a3e, true",
    "X-Request-Id, Root=1-67891233-abcdef012345678912345678, true",
    "X-Request-Id, a b, false",
    "X-Request-Id, a\"b, false",
    "traceparent, 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, true",
    "traceparent, 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x, false",
    "traceparent, 7b1c0f8e-5a7e-4a53-9f0a-0c5d1f6b2a3e, false"
  })
  void whatNamesTheRequestIsForwardedIfItIsWhatItShouldBe(
      String name, String value, boolean forwarded) {
    assertThat(forwarded(aRequest().header(name, value), name)).isEqualTo(forwarded ? value : null);
  }

  @Test
  void aRequestIdThatIsTooLongIsNotForwarded() {
    assertThat(forwarded(aRequest().header("X-Request-Id", "a".repeat(129)), "X-Request-Id"))
        .isNull();
  }

  @Test
  void oneThatIsConfiguredIsForwardedOnceAsItCame() {
    settings = TestHttpSettings.forwarding("x-request-id");
    FakeRequest request = aRequest().header("X-Request-Id", "a b");

    assertThat(dial(request).headers())
        .filteredOn(header -> header.name().equalsIgnoreCase("X-Request-Id"))
        .containsExactly(new Header("x-request-id", "a b"));
  }

  @Test
  void anythingElseIsNot() {
    FakeRequest request =
        aRequest().header("Connection", "close").header("X-Secret", "1").header("Accept", "a/b");

    assertThat(dial(request).headers())
        .extracting(Header::name)
        .containsExactly(
            "Host",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "X-Forwarded-Port",
            "X-Real-IP",
            "Via");
  }

  @Test
  void theApplicationCanTellThatItIsTheBridge() {
    assertThat(forwarded(aRequest(), "Via")).isEqualTo("1.1 cablestream");
    assertThat(forwarded(aRequest().header("Via", "1.0 made-up"), "Via"))
        .isEqualTo("1.1 cablestream");
  }

  @Test
  void furtherHeadersAreForwardedBySetting() {
    settings = TestHttpSettings.forwarding("X-Tenant", "CF-Connecting-IP");

    FakeRequest request = aRequest().header("x-tenant", "blue").header("x-tenant", "green");

    assertThat(forwarded(request, "X-Tenant")).isEqualTo("blue, green");
    assertThat(forwarded(request, "CF-Connecting-IP")).isNull();
  }

  @Test
  void theClientsHostIsForwarded() {
    assertThat(forwarded(host("app.example:8080"), "Host")).isEqualTo("app.example:8080");
  }

  @Test
  void aFixedHostReplacesItInBothHeadersThatRailsComparesWithTheOrigin() {
    settings = TestHttpSettings.dialling("rails.internal", null);

    assertThat(forwarded(host("app.example"), "Host")).isEqualTo("rails.internal");
    assertThat(forwarded(host("app.example"), "X-Forwarded-Host")).isEqualTo("rails.internal");
  }

  @Test
  void aTrustedProxyThatReplacedTheHostSaysWhatItWas() {
    FakeRequest request =
        host("10.0.0.7:8080").from("10.0.0.1").header("X-Forwarded-Host", "a.example");

    assertThat(forwarded(request, "Host")).isEqualTo("a.example");
  }

  @Test
  void withoutAHostHeaderTheServersNameCounts() {
    assertThat(forwarded(aRequest().without("Host"), "Host")).isEqualTo("server.example:8080");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "a,b", "user@a", "a:b", "[::1", "a?x", "ä"})
  void aHostThatCannotBeOneIsRefused(String host) {
    assertRefused(400, host(host));
  }

  @Test
  void aQueryAndProtocolsArePartOfTheDial() {
    DialRequest dial = arrival(aRequest(), "token=x&b", true).caller().dial();

    assertThat(dial.query()).isEqualTo("token=x&b");
    assertThat(dial.protocols()).isEqualTo(PROTOCOLS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "a\u001bb", "a\u007fb"})
  void aControlCharacterNeverGetsThrough(String value) {
    settings = TestHttpSettings.forwarding("X-Tenant");

    for (String name :
        List.of(
            "Cookie",
            "Authorization",
            "User-Agent",
            "Accept-Language",
            "Host",
            "Origin",
            "Referer",
            "X-Tenant")) {
      assertRefused(400, aRequest().without(name).header(name, value));
    }
  }

  @Test
  void moreThanSixteenKibibytesAreNotForwarded() {
    assertThat(forwarded(aRequest().header("Cookie", "a=" + "x".repeat(16_000)), "Cookie"))
        .hasSize(16_002);
    assertRefused(431, aRequest().header("Cookie", "a=" + "x".repeat(16 * 1024)));
    assertThatThrownBy(() -> arrival(aRequest(), "x".repeat(16 * 1024), true))
        .hasMessageContaining("16384 bytes");
  }

  @Test
  void exactlyWhatIsAllowedIsForwarded() {
    int others = dial(aRequest()).length();
    String rest = "x".repeat(settings.dialling().maxForwardedBytes() - others);

    assertThat(arrival(aRequest(), rest, true).caller().dial().length())
        .isEqualTo(settings.dialling().maxForwardedBytes());
    assertThatThrownBy(() -> arrival(aRequest(), rest + "x", true))
        .hasMessageContaining("16384 bytes");
    // Where no dial may follow nothing is forwarded.
    assertThat(arrival(aRequest(), rest + "x", false).caller().dial().length()).isEqualTo(3);
  }

  @Test
  void commandsToALiveSessionMakeNoDial() {
    Caller caller = arrival(full(), "token=x", false).caller();

    assertThat(caller.dial().headers()).isEmpty();
    assertThat(caller.credentials())
        .isEqualTo(arrival(full(), "token=x", true).caller().credentials());
  }

  // Forwarding headers.

  @Test
  void aStrangersForwardingHeadersAreReplacedByWhatTheBridgeSaw() {
    FakeRequest request = forged(aRequest().secure().from("203.0.113.9"));

    assertThat(forwarded(request, "X-Forwarded-For")).isEqualTo("203.0.113.9");
    assertThat(forwarded(request, "X-Forwarded-Proto")).isEqualTo("https");
    assertThat(forwarded(request, "X-Forwarded-Host")).isEqualTo("bridge.example");
    assertThat(forwarded(request, "X-Forwarded-Port")).isEqualTo("443");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("203.0.113.9");
    assertThat(forwarded(request, "Host")).isEqualTo("bridge.example");
  }

  @Test
  void aTrustedProxysAreBelievedAndThePeerIsAppended() {
    FakeRequest request = forged(aRequest().from("10.0.0.1"));

    assertThat(forwarded(request, "X-Forwarded-For")).isEqualTo("198.51.100.1, 10.0.0.1");
    assertThat(forwarded(request, "X-Forwarded-Proto")).isEqualTo("https");
    assertThat(forwarded(request, "X-Forwarded-Host")).isEqualTo("forged.example");
    assertThat(forwarded(request, "X-Forwarded-Port")).isEqualTo("8443");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("198.51.100.1");
  }

  /** Many proxies append to X-Forwarded-For and forward X-Real-IP as the client sent it. */
  @Test
  void aRealAddressIsBelievedOnlyWithoutForwardedFor() {
    FakeRequest request = aRequest().from("10.0.0.1").header("X-Real-IP", "198.51.100.2");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("198.51.100.2");

    request.header("X-Forwarded-For", "203.0.113.9");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("203.0.113.9");
    assertThat(caller(request).address()).isEqualTo("203.0.113.9");
  }

  @Test
  void whatATrustedProxyDoesNotSayIsWhatTheBridgeSaw() {
    FakeRequest request = host("app.example:8080").from("127.0.0.1");

    assertThat(forwarded(request, "X-Forwarded-For")).isEqualTo("127.0.0.1");
    assertThat(forwarded(request, "X-Forwarded-Proto")).isEqualTo("http");
    assertThat(forwarded(request, "X-Forwarded-Host")).isEqualTo("app.example:8080");
    assertThat(forwarded(request, "X-Forwarded-Port")).isEqualTo("8080");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("127.0.0.1");
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "198.51.100.1|198.51.100.1",
        "198.51.100.1, 10.0.0.5|198.51.100.1",
        "192.0.2.66, 198.51.100.1, 10.0.0.5|198.51.100.1",
        "10.0.0.4, 10.0.0.5|10.0.0.4",
        "unknown, 10.0.0.5|10.0.0.5",
        "198.51.100.1, unknown|10.0.0.1",
        "2001:db8::1|2001:db8::1",
      },
      delimiter = '|')
  void theRealAddressIsTheNearestOneThatIsNoProxy(String forwardedFor, String realIp) {
    FakeRequest request = aRequest().from("10.0.0.1").header("X-Forwarded-For", forwardedFor);

    assertThat(forwarded(request, "X-Real-IP")).isEqualTo(realIp);
  }

  @Test
  void anAddressIsWrittenAsRailsWritesIt() {
    FakeRequest request =
        aRequest().from("[0:0:0:0:0:0:0:1]").header("X-Forwarded-For", "198.51.100.1");

    assertThat(forwarded(request, "X-Forwarded-For")).isEqualTo("198.51.100.1, ::1");
    assertThat(forwarded(request.without("X-Forwarded-For"), "X-Real-IP")).isEqualTo("::1");
  }

  @Test
  void ofSeveralSchemesTheFirstCountsAndOfSeveralHostsTheLast() {
    FakeRequest request =
        aRequest()
            .from("10.0.0.1")
            .header("X-Forwarded-Proto", "HTTPS, http")
            .header("X-Forwarded-Host", "made-up.example, app.example");

    assertThat(forwarded(request, "X-Forwarded-Proto")).isEqualTo("https");
    assertThat(forwarded(request, "X-Forwarded-Host")).isEqualTo("app.example");
  }

  @Test
  void nonsenseFromATrustedProxyIsIgnored() {
    FakeRequest request =
        aRequest()
            .from("10.0.0.1")
            .header("X-Forwarded-Proto", "gopher")
            .header("X-Forwarded-Host", "a/b")
            .header("X-Forwarded-Port", "x")
            .header("X-Real-IP", "me");

    assertThat(forwarded(request, "X-Forwarded-Proto")).isEqualTo("http");
    assertThat(forwarded(request, "X-Forwarded-Host")).isEqualTo("bridge.example");
    assertThat(forwarded(request, "X-Forwarded-Port")).isEqualTo("80");
    assertThat(forwarded(request, "X-Real-IP")).isEqualTo("10.0.0.1");
  }

  // The origin of the dial.

  @Test
  void theRequestsOwnOriginIsForwarded() {
    FakeRequest request =
        aRequest()
            .header("Origin", "https://app.example")
            .header("Sec-Fetch-Site", "same-origin")
            .header("Referer", "https://other.example/");

    assertThat(forwarded(request, "Origin")).isEqualTo("https://app.example");
  }

  @Test
  void elseTheBridgesOwnWhereTheBrowserSaysSo() {
    FakeRequest request =
        host("app.example:8443")
            .from("10.0.0.1")
            .header("X-Forwarded-Proto", "https")
            .header("Sec-Fetch-Site", "same-origin")
            .header("Referer", "https://other.example/");

    assertThat(forwarded(request, "Origin")).isEqualTo("https://app.example:8443");
  }

  @ParameterizedTest
  @CsvSource({
    "https://app.example/a?b#c, https://app.example",
    "https://app.example:443/, https://app.example",
    "http://APP.example:8080, http://app.example:8080",
    "http://[::1]:3000/x, http://[::1]:3000",
    "about:blank,",
    "https://user@app.example/,",
    "nonsense,",
  })
  void elseTheRefererS(String referer, String origin) {
    assertThat(forwarded(aRequest().header("Referer", referer), "Origin")).isEqualTo(origin);
  }

  @Test
  void elseNone() {
    assertThat(forwarded(aRequest(), "Origin")).isNull();
    assertThat(forwarded(aRequest().header("Sec-Fetch-Site", "none"), "Origin")).isNull();
  }

  @Test
  void aFixedOriginReplacesAll() {
    settings = TestHttpSettings.dialling(null, "https://fixed.example");

    assertThat(forwarded(aRequest(), "Origin")).isEqualTo("https://fixed.example");
    assertThat(forwarded(origin("https://app.example"), "Origin"))
        .isEqualTo("https://fixed.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "https://a, https://b",
        "https://a/",
        "https://a b",
        "app.example",
        "https://a#"
      })
  void anOriginThatCannotBeOneIsRefused(String origin) {
    assertRefused(400, origin(origin));
  }

  @Test
  void twoOriginsAreRefused() {
    assertRefused(400, origin("https://a.example").header("Origin", "https://a.example"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "file://", "capacitor://localhost", "chrome-extension://abc"})
  void theOriginsOfAppsAndSandboxesArePassedOn(String origin) {
    assertThat(forwarded(origin(origin), "Origin")).isEqualTo(origin);
  }

  // The origin that a session is bound to.

  @Test
  void aSessionIsBoundToTheRequestsOrigin() {
    assertThat(caller(origin("https://app.example")).origin()).isEqualTo("https://app.example");
  }

  @Test
  void anAbsentOriginCountsAsTheBridgesOwn() {
    assertThat(caller(host("App.Example:80")).origin()).isEqualTo("http://app.example");
    assertThat(caller(aRequest().secure()).origin()).isEqualTo("https://bridge.example");
  }

  @Test
  void theRefererDoesNotCountHere() {
    assertThat(caller(aRequest().header("Referer", "https://app.example/")).origin())
        .isEqualTo("http://bridge.example");
  }

  @Test
  void aGetWithoutOriginAndAPostWithTheBridgesOwnAreOneCaller() {
    FakeRequest get = aRequest();
    FakeRequest post = origin("http://bridge.example");

    assertThat(caller(post).origin()).isEqualTo(caller(get).origin());
  }

  @Test
  void theyAreOneBehindAProxyThatHidesTheSchemeToo() {
    FakeRequest get = aRequest().header("Sec-Fetch-Site", "same-origin");
    FakeRequest post = origin("https://bridge.example").header("Sec-Fetch-Site", "same-origin");

    assertThat(caller(post).origin()).isEqualTo(caller(get).origin());
    assertThat(caller(origin("https://bridge.example")).origin())
        .isNotEqualTo(caller(get).origin());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-site", "same-site"})
  void anotherSitesImageIsRefused(String site) {
    assertRefused(403, aRequest().header("Sec-Fetch-Site", site));
  }

  @ParameterizedTest
  @CsvSource({"cross-site", "same-site"})
  void anotherSitesScriptNamesItsOrigin(String site) {
    assertThat(caller(origin("https://app.example").header("Sec-Fetch-Site", site)).origin())
        .isEqualTo("https://app.example");
  }

  @Test
  void allowedOriginsAreExact() {
    settings = TestHttpSettings.allowing(Set.of("https://app.example", "https://bridge.example"));

    assertThat(caller(origin("https://app.example"))).isNotNull();
    for (String other :
        List.of(
            "https://app.example:8443",
            "http://app.example",
            "https://app.example.evil.example",
            "https://evilapp.example",
            "https://APP.example",
            "null")) {
      assertRefused(403, origin(other));
    }
  }

  @Test
  void anAbsentOriginIsAllowedWhereTheBridgesOwnIs() {
    settings = TestHttpSettings.allowing(Set.of("https://bridge.example"));

    assertThat(caller(aRequest().secure())).isNotNull();
    assertRefused(403, aRequest());
    assertRefused(403, aRequest().header("Referer", "https://bridge.example/"));
  }

  // Credentials.

  @Test
  void theSameCallerHasTheSameCredentials() {
    assertThat(credentials(full())).isEqualTo(credentials(full()));
  }

  @Test
  void eachCredentialCounts() {
    settings = TestHttpSettings.forwarding("X-Tenant");
    Digest credentials = credentials(full());

    assertThat(credentials(full().header("Cookie", "b=2"))).isNotEqualTo(credentials);
    assertThat(credentials(full().without("Cookie"))).isNotEqualTo(credentials);
    assertThat(credentials(full().without("Authorization"))).isNotEqualTo(credentials);
    assertThat(credentials(full().header("X-Tenant", "blue"))).isNotEqualTo(credentials);
    assertThat(arrival(full(), "token=1", true).caller().credentials()).isNotEqualTo(credentials);
    assertThat(
            new Callers(settings)
                .arrival(full().build(), "", "", List.of("jwt-x"), true)
                .caller()
                .credentials())
        .isNotEqualTo(credentials);
  }

  @Test
  void nothingElseDoes() {
    Digest credentials = credentials(full());

    assertThat(credentials(full().header("Cookie", BROWSER))).isEqualTo(credentials);
    assertThat(credentials(full().header("User-Agent", "x").from("10.0.0.1").secure()))
        .isEqualTo(credentials);
  }

  @Test
  void aValueThatMovesFromOneCredentialToAnotherIsAnotherCaller() {
    assertThat(credentials(aRequest().header("Cookie", "x")))
        .isNotEqualTo(credentials(aRequest().header("Authorization", "x")));
  }

  // The browser's cookie.

  @Test
  void aBrowserIsKnownByItsCookie() {
    Arrival arrival = arrival(aRequest().header("Cookie", "a=1; " + BROWSER), "", true);

    assertThat(arrival.caller().browser()).isEqualTo(Digest.of(VALUE));
    assertThat(arrival.setCookie()).isNull();
  }

  @Test
  void aBrowserWithoutOneIsGivenOne() {
    Arrival arrival = arrival(aRequest(), "", true);

    assertThat(arrival.setCookie()).matches("cablestream=[0-9a-f]{32}; .*SameSite=Lax");
    String value =
        arrival.setCookie().substring("cablestream=".length(), "cablestream=".length() + 32);
    assertThat(arrival.caller().browser()).isEqualTo(Digest.of(value));
  }

  @Test
  void onlyWhereAnAnswerGivesOne() {
    Arrival arrival = arrival(aRequest(), "", false);

    assertThat(arrival.setCookie()).isNull();
    assertThat(arrival.caller().browser()).isNull();
  }

  @Test
  void onHttpsAsTheClientSpeaksItTheCookieIsSecure() {
    FakeRequest request = aRequest().from("10.0.0.1").header("X-Forwarded-Proto", "https");

    assertThat(arrival(request, "", true).setCookie()).endsWith("SameSite=Lax; Secure");
    assertThat(arrival(request.from("203.0.113.9"), "", true).setCookie()).endsWith("SameSite=Lax");
  }

  @Test
  void forAPageOfAnotherSiteTheCookieIsPartitioned() {
    FakeRequest request = origin("https://app.example").header("Sec-Fetch-Site", "cross-site");

    assertThat(arrival(request, "", true).setCookie())
        .endsWith("HttpOnly; SameSite=None; Secure; Partitioned");
  }

  private static FakeRequest host(String host) {
    return aRequest().without("Host").header("Host", host);
  }

  private static FakeRequest origin(String origin) {
    return aRequest().header("Origin", origin);
  }

  private static FakeRequest full() {
    return aRequest().header("Cookie", "a=1").header("Authorization", "Bearer x");
  }

  private static FakeRequest forged(FakeRequest request) {
    return request
        .header("X-Forwarded-For", "198.51.100.1")
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "forged.example")
        .header("X-Forwarded-Port", "8443")
        .header("X-Real-IP", "198.51.100.2");
  }

  private Arrival arrival(FakeRequest request, String query, boolean opens) {
    return new Callers(settings).arrival(request.build(), "", query, PROTOCOLS, opens);
  }

  private Caller caller(FakeRequest request) {
    return arrival(request, "", true).caller();
  }

  private Digest credentials(FakeRequest request) {
    return caller(request).credentials();
  }

  private DialRequest dial(FakeRequest request) {
    return caller(request).dial();
  }

  private String forwarded(FakeRequest request, String name) {
    return dial(request).headers().stream()
        .filter(header -> header.name().equals(name))
        .map(Header::value)
        .findFirst()
        .orElse(null);
  }

  private void assertRefused(int status, FakeRequest request) {
    assertThatThrownBy(() -> arrival(request, "", true))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(status));
  }
}
