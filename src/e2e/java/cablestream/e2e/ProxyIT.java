package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.HEADERS;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Spellings;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each documented proxy in front: HTTPS outside, behind it the bridge at a path in Debian's Tomcat,
 * and Rails beside it.
 */
@ParameterizedClass
@EnumSource
class ProxyIT {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final int BROWSER_STREAMS = 8;

  private final Proxy proxy;

  ProxyIT(ProxyProgram program) {
    proxy = Stage.proxy(program);
  }

  /** So that no measured request is the first of its process. */
  @BeforeEach
  void warmUp() {
    try (EventStream stream = proxy.visitor().listen()) {
      stream.next("joined");
    }
  }

  @Test
  void theFirstEventIsThereWithinASecondAndEachLaterOneToo() {
    Visitor visitor = proxy.visitor();
    long start = System.nanoTime();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertThat(since(start)).isLessThan(AT_ONCE);
      assertThat(stream.response().header("content-type")).hasValue("text/event-stream");
      visitor.post(subscribe(ECHO));
      stream.next("connected");

      for (int i = 0; i < 5; i++) {
        start = System.nanoTime();
        visitor.post(echo(ECHO, "through"));
        stream.next("received");
        assertThat(since(start)).isLessThan(AT_ONCE);
      }
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void eightStreamsAndTheirCommandsGoOverOneConnectionOfHttp2() {
    HttpTwoBrowser browser = new HttpTwoBrowser(proxy);
    browser.load();
    List<HttpTwoBrowser.Tab> tabs = new ArrayList<>();
    for (int i = 0; i < BROWSER_STREAMS; i++) {
      tabs.add(browser.open());
    }
    tabs.forEach(tab -> tab.post(subscribe(ECHO)));
    tabs.forEach(tab -> tab.awaitEvent("connected"));

    tabs.forEach(tab -> tab.post(echo(ECHO, tab.id())));

    tabs.forEach(
        tab ->
            assertThat(tab.awaitEvent("received").getJsonObject("message").getString("text"))
                .isEqualTo(tab.id()));
    assertThat(proxy.connections()).isEqualTo(1);
    tabs.forEach(HttpTwoBrowser.Tab::close);
  }

  @Test
  void anOperatorsPathIsRefusedFromOutside() {
    for (String path : List.of("metrics", "status", "status.json", "session/0123abcd", "drain")) {
      RawResponse answer = operator("/cable-events/-/" + path);
      assertThat(answer.status()).as(path).isEqualTo(403);
      assertThat(answer.text()).isEqualTo("{\"error\":\"not through this proxy\"}");
    }
    assertThat(operator("/cable-events/-/health").status()).isEqualTo(200);
  }

  /** Neither the bridge's response nor a redirection to it. */
  @Test
  void noSpellingOfAnOperatorsPathReachesTheBridge() {
    for (String path : List.of("metrics", "status.json", "session/0123abcd", "drain")) {
      for (String target : Spellings.of("/cable-events/-/" + path)) {
        RawResponse answer = operator(target);
        assertThat(answer.status()).as(target).isBetween(400, 404);
        assertThat(answer.header("X-Content-Type-Options")).as(target).isEmpty();
      }
    }
  }

  /** A client that has the token, but isn't on the machine. */
  private RawResponse operator(String target) {
    return RawRequest.of("GET", proxy.port(), target)
        .header("Host", "app.example")
        .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
        .over(proxy.tls())
        .send();
  }

  @Test
  void railsSeesTheSiteAndTheBrowsersAddressWhateverTheBrowserClaims() {
    Visitor liar =
        proxy
            .visitor()
            .with("X-Forwarded-For", "203.0.113.7")
            .with("X-Real-IP", "203.0.113.7")
            .with("X-Forwarded-Host", "evil.example")
            .with("X-Forwarded-Proto", "http")
            .with("X-Forwarded-Port", "1");
    try (EventStream stream = liar.listen()) {
      liar.post(subscribe(HEADERS));

      JsonObject headers =
          stream.skipTo("received").json().getJsonObject("message").getJsonObject("headers");

      assertThat(headers.getString("HTTP_HOST")).isEqualTo("app.example");
      assertThat(headers.getString("HTTP_X_FORWARDED_HOST")).isEqualTo("app.example");
      assertThat(headers.getString("HTTP_X_FORWARDED_PROTO")).isEqualTo("https");
      // Apache's is the port of the URL's host, app.example.
      assertThat(headers.getString("HTTP_X_FORWARDED_PORT")).isIn("" + proxy.port(), "443");
      assertThat(headers.getString("HTTP_X_FORWARDED_FOR")).isEqualTo(liar.from() + ", 127.0.0.1");
      assertThat(headers.getString("HTTP_X_REAL_IP")).isEqualTo(liar.from());
    }
  }

  @Test
  void anAddressThatHasAllItsSessionsGetsNoMoreWhateverItClaimsAndAnotherOneDoes() {
    Visitor greedy = proxy.visitor();
    for (int i = 0; i < Stage.SESSIONS_PER_ADDRESS; i++) {
      assertThat(open(greedy.with("X-Forwarded-For", "198.51.100." + i)).status()).isEqualTo(200);
    }

    RawResponse refused = open(greedy.with("X-Forwarded-For", "203.0.113.7"));

    OpeningIT.assertError(refused, 503);
    assertThat(refused.header("retry-after")).isPresent();
    Visitor other = proxy.visitor().with("X-Forwarded-For", greedy.from());
    assertThat(open(other).status()).isEqualTo(200);
  }

  /** Opens another session, by a poll that returns at once. */
  private static RawResponse open(Visitor visitor) {
    return visitor.withNewId().poll("timeout=0");
  }

  @Test
  void headersThatAreTooLargeAreRefusedAndAnotherSessionNoticesNothing() {
    Visitor witness = proxy.visitor();
    try (EventStream stream = witness.listenTo(ECHO)) {
      Visitor oneHuge = proxy.visitor().with("X-Padding", "x".repeat(60_000));
      Visitor manyLarge = proxy.visitor();
      for (int i = 0; i < 6; i++) {
        manyLarge = manyLarge.with("Cookie", "c" + i + "=" + "x".repeat(3_000));
      }

      for (Visitor visitor : List.of(oneHuge, manyLarge)) {
        assertThat(isTooLarge(visitor::refused)).isTrue();
        assertThat(isTooLarge(() -> visitor.post(echo(ECHO, "x")))).isTrue();
        assertThat(Stage.rails().connections(visitor.user())).isEmpty();
      }
      witness.post(echo(ECHO, "undisturbed"));
      stream.next("received");
    }
  }

  /** HAProxy may close the connection because of it, so that the response is never received. */
  private static boolean isTooLarge(Supplier<RawResponse> request) {
    try {
      return List.of(400, 431).contains(request.get().status());
    } catch (UncheckedIOException e) {
      return e.getCause() instanceof SocketException;
    }
  }

  @Test
  void aBrowserThatLeavesIsNoticedByTheBridge() {
    Visitor visitor = proxy.visitor();
    visitor.listenTo(ECHO).close();
    visitor.delete();

    Awaitility.await()
        .untilAsserted(() -> assertThat(Stage.rails().connections(visitor.user())).isEmpty());
  }

  @Test
  void theCookieIsSecureAsTheSiteIsAndTheApplicationsOwnArriveUnchanged() {
    String cookies = "user=ann; _app_session=a%2Bb--c%3D%3D; theme=dark";
    Visitor visitor = proxy.visitor().without("Cookie").with("Cookie", cookies);
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.response().header("set-cookie").orElseThrow().toLowerCase(Locale.ROOT))
          .contains("; secure")
          .doesNotContain("path=");
      visitor.post(subscribe(HEADERS));
      assertThat(
              stream
                  .skipTo("received")
                  .json()
                  .getJsonObject("message")
                  .getJsonObject("headers")
                  .getString("HTTP_COOKIE"))
          .isEqualTo(cookies);
    }
  }

  @Test
  void anErrorIsStillJson() {
    OpeningIT.assertError(proxy.visitor().withQuery("unauthorized=1").refused(), 403);
    OpeningIT.assertError(proxy.visitor().withId("short").refused(), 400);
    RawResponse tooLarge = proxy.visitor().post(echo(ECHO, "x".repeat(100_000)));
    assertThat(tooLarge.status()).isIn(404, 413);
    assertThat(tooLarge.json().getString("error")).isNotBlank();
  }

  @Test
  void neitherIdNorTokenIsLogged() {
    Visitor visitor = proxy.visitor().withQuery("token=secret-token");
    try (EventStream stream = visitor.listenTo(ECHO)) {
      visitor.post(echo(ECHO, "x"));
      stream.next("received");
    }
    visitor.withQuery("token=secret-token&unauthorized=1").refused();

    Awaitility.await().untilAsserted(() -> assertThat(proxy.logs()).contains("POST"));
    assertThat(proxy.logs()).doesNotContain(visitor.id()).doesNotContain("secret-token");
    assertThat(Stage.site().log()).doesNotContain(visitor.id()).doesNotContain("secret-token");
  }
}
