package cablestream.http;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.NoFaults;
import cablestream.support.RecordedLog;
import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Spellings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Protocol sections 1, 4 and 5 as the filter enforces them, in real containers. */
class SessionRouterTest {
  private static final String ID = "0123456789abcdef";
  private static final String STREAM = "Accept: text/event-stream";
  private static final String ORIGIN = "Origin: https://app.example";

  private static final Map<Container, WebApplication> OPEN = new EnumMap<>(Container.class);
  private static final Map<Container, WebApplication> NARROW = new EnumMap<>(Container.class);

  @BeforeAll
  static void deploy() throws Exception {
    for (Container container : Container.values()) {
      OPEN.put(container, container.deploy(descriptor(Map.of())));
      NARROW.put(
          container,
          container.deploy(
              descriptor(
                  Map.of(
                      "allowed-origins",
                      "https://app.example",
                      "console",
                      "off",
                      "diagnosis",
                      "off"))));
    }
  }

  @AfterAll
  static void undeploy() {
    Stream.of(OPEN, NARROW).flatMap(all -> all.values().stream()).forEach(WebApplication::close);
  }

  private static Map<String, String> descriptor(Map<String, String> settings) {
    StringBuilder parameters = new StringBuilder();
    parameter(parameters, "cable.url", "ws://127.0.0.1:9/cable");
    settings.forEach((name, value) -> parameter(parameters, name, value));
    String recording = RecordingServlet.class.getName();
    return Map.of(
        "<listener>",
        parameters + "<listener>",
        "cablestream.http.EventStreamServlet",
        recording,
        "cablestream.http.LongPollServlet",
        recording,
        "cablestream.http.CommandServlet",
        recording);
  }

  private static void parameter(StringBuilder parameters, String name, String value) {
    parameters.append("<context-param><param-name>cablestream." + name + "</param-name>");
    parameters.append("<param-value>" + value + "</param-value></context-param>");
  }

  /** Each container combined with each text. */
  private static Stream<Arguments> each(Object... texts) {
    return Stream.of(Container.values())
        .flatMap(container -> Stream.of(texts).map(text -> Arguments.of(container, text)));
  }

  // Selection of the servlet.

  @ParameterizedTest
  @EnumSource
  void methodAndAcceptPickTheServlet(Container container) {
    assertThat(servlet(container, "GET", STREAM)).isEqualTo("event-stream");
    assertThat(servlet(container, "GET", "Accept: a/b, TEXT/EVENT-STREAM;q=0.5"))
        .isEqualTo("event-stream");
    assertThat(servlet(container, "GET", "Accept: */*")).isEqualTo("long-poll");
    assertThat(servlet(container, "GET", "Accept: text/event-stream;q=0")).isEqualTo("long-poll");
    assertThat(servlet(container, "GET")).isEqualTo("long-poll");
    assertThat(servlet(container, "POST", STREAM)).isEqualTo("event-stream");
    assertThat(servlet(container, "POST", "Accept: application/json")).isEqualTo("command");
    assertThat(servlet(container, "DELETE")).isEqualTo("command");
    assertThat(servlet(container, "DELETE", STREAM)).isEqualTo("command");
  }

  @ParameterizedTest
  @EnumSource
  void theServletMayAnswerLater(Container container) {
    assertThat(send(container, "GET /" + ID + "?async").status()).isEqualTo(202);
  }

  @ParameterizedTest
  @EnumSource
  void otherMethodsAreNotAllowed(Container container) {
    for (String method : List.of("PUT", "PATCH", "PROPFIND", "get")) {
      RawResponse answer = send(container, method + " /" + ID, ORIGIN);

      assertError(answer, 405, "methods");
      assertThat(answer.header("Allow")).hasValue("GET, HEAD, POST, DELETE, OPTIONS");
    }
  }

  @ParameterizedTest
  @EnumSource
  void headHasTheHeadersAndNoSession(Container container) {
    RawResponse stream = send(container, "HEAD /" + ID, STREAM);
    RawResponse poll = send(container, "HEAD /" + ID);

    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.header("Content-Type")).hasValue("text/event-stream");
    assertThat(stream.header("Cache-Control")).hasValue("no-cache, no-transform");
    assertThat(stream.header("X-Accel-Buffering")).hasValue("no");
    assertThat(poll.header("Content-Type")).hasValue("application/json");
    assertThat(poll.header("Cache-Control")).hasValue("no-store");
    assertThat(stream.text() + poll.text()).isEmpty();
  }

  // The session's URL.

  static Stream<Arguments> eventsIds() {
    return each(ID, "A-Za-z0-9-_.~aaaa", "x".repeat(128), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  }

  @ParameterizedTest
  @MethodSource("eventsIds")
  void anEventsIdIsOneSegmentOfUnreservedCharacters(Container container, String id) {
    assertThat(send(container, "GET /" + id).text()).contains("\nid=" + id + "\n");
  }

  static Stream<Arguments> badPaths() {
    return each(
        "/123456789abcdef",
        "/" + "x".repeat(129),
        "/0123456789abcdef/",
        "/0123456789abcdef/x",
        "/0123456789abcde%66",
        "/0123456789abcdef;jsessionid=1",
        "/0123456789abcdef+",
        "/0123456789abcdef$",
        "/index.htm",
        "/favicon.ico",
        "/-");
  }

  @ParameterizedTest
  @MethodSource("badPaths")
  void anythingElseIsAnsweredWithWhyItIsNot(Container container, String path) {
    for (String method : List.of("GET", "POST", "DELETE", "HEAD", "PUT")) {
      RawResponse answer = send(container, method + " " + path, ORIGIN);

      assertThat(answer.status()).isEqualTo(400);
      if (!method.equals("HEAD")) {
        assertError(answer, 400, "16 to 128 characters");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEmptySegmentIsRefusedByTheContainerAtTheLatest(Container container) {
    assertThat(send(container, "GET //" + ID).status()).isEqualTo(400);
  }

  // The bridge's own parameters.

  @ParameterizedTest
  @EnumSource
  void withoutParametersTheDefaultsHold(Container container) {
    assertThat(send(container, "GET /" + ID).text())
        .contains("mode=CHANNELS\n")
        .contains("cursor=null\n")
        .contains("timeout=25\n")
        .contains("poll-queue=32\n")
        .contains("ping=0\n")
        .contains("session-id=null\n")
        .contains("key=null\n")
        .contains("query=\n")
        .contains("protocols=actioncable-v1-json,actioncable-unsupported\n");
  }

  @ParameterizedTest
  @EnumSource
  void eachParameterIsReadAndTheOthersArePassedOn(Container container) {
    String query =
        "token=a%2Fb&timeout=0&poll-queue=7&last-event-id=s-3&ping=60&x&session-id=abc"
            + "&idempotency-key=k%201&protocol=actioncable-v1-json,jwt-x.y";

    assertThat(send(container, "GET /" + ID + "?" + query).text())
        .contains("mode=TUNNEL\n")
        .contains("cursor=s-3\n")
        .contains("timeout=0\n")
        .contains("poll-queue=7\n")
        .contains("ping=60\n")
        .contains("key=k 1\n")
        .contains("query=token=a%2Fb&x\n")
        .contains("protocols=actioncable-v1-json,jwt-x.y\n");
  }

  @ParameterizedTest
  @EnumSource
  void commandsMayNameTheirSessionAndThenOpenNone(Container container) {
    assertThat(send(container, "POST /" + ID + "?session-id=abc&poll-queue=7").text())
        .contains("session-id=abc\n")
        .contains("opens=false\n");
    assertThat(send(container, "GET /" + ID + "?session-id=abc").text())
        .contains("session-id=null\n")
        .contains("opens=true\n");
  }

  static Stream<Arguments> badParameters() {
    List<String> queries = new ArrayList<>();
    for (String number : List.of("", "-1", "1.5", "x", "61", "%31x", "1e1", "9999999999", "+1")) {
      queries.add("timeout=" + number);
      queries.add("ping=" + number);
    }
    for (String number : List.of("", "0", "-1", "1001", "x")) {
      queries.add("poll-queue=" + number);
    }
    queries.add("ping=0");
    queries.add("ping=%FF");
    queries.add("session-id=");
    queries.add("session-id=a%20b");
    queries.add("session-id=" + "x".repeat(129));
    queries.add("idempotency-key=");
    queries.add("idempotency-key=" + "x".repeat(129));
    queries.add("protocol=");
    queries.add("protocol=a,,b");
    queries.add("protocol=a,b,a");
    queries.add("protocol=a%20b");
    queries.add("protocol=a%00b");
    queries.add("protocol=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q");
    return each(queries.toArray());
  }

  @ParameterizedTest
  @MethodSource("badParameters")
  void aParameterThatCannotBeIsRefusedByName(Container container, String query) {
    RawResponse answer = send(container, "GET /" + ID + "?token=hush&" + query, ORIGIN);

    assertError(answer, 400, query.substring(0, query.indexOf('=')));
    assertThat(answer.text()).doesNotContain("hush");
  }

  @ParameterizedTest
  @EnumSource
  void aHeaderWinsOverTheParameter(Container container) {
    String line = "POST /" + ID + "?last-event-id=query&idempotency-key=query";

    assertThat(send(container, line, "Last-Event-ID: header", "Idempotency-Key: header").text())
        .contains("cursor=header\n")
        .contains("key=header\n");
    assertThat(send(container, line).text()).contains("cursor=query\n").contains("key=query\n");
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyCursorIsNone(Container container) {
    assertThat(send(container, "GET /" + ID + "?last-event-id=").text()).contains("cursor=null\n");
  }

  @ParameterizedTest
  @EnumSource
  void aMalformedCursorIsForTheSessionToJudge(Container container) {
    assertThat(send(container, "GET /" + ID + "?last-event-id=no%20cursor").text())
        .contains("cursor=no cursor\n");
  }

  @ParameterizedTest
  @EnumSource
  void aFormsBodyIsLeftToTheServlet(Container container) {
    RawResponse answer =
        OPEN.get(container)
            .send(
                "POST /" + ID + "?x=1&poll-queue=1",
                "timeout=99&a=b",
                "Content-Type: application/x-www-form-urlencoded");

    assertThat(answer.text()).contains("body=timeout=99&a=b\n").contains("query=x=1\n");
  }

  @ParameterizedTest
  @EnumSource
  void aCompressedBodyIsRefused(Container container) {
    for (String encoding : List.of("gzip", "br", "identity, gzip")) {
      assertError(
          send(container, "POST /" + ID, "Content-Encoding: " + encoding, ORIGIN),
          415,
          "compressed");
    }
    assertThat(send(container, "POST /" + ID, "Content-Encoding: identity").status())
        .isEqualTo(200);
  }

  // The browser's cookie.

  @ParameterizedTest
  @EnumSource
  void theCookieIsGivenOnGetsAndOnPostsThatOpenASession(Container container) {
    assertThat(send(container, "GET /" + ID).text()).contains("cookie=true");
    assertThat(send(container, "GET /" + ID, STREAM).text()).contains("cookie=true");
    assertThat(send(container, "POST /" + ID, STREAM).text()).contains("cookie=true");
    assertThat(send(container, "POST /" + ID + "?poll-queue=1").text()).contains("cookie=true");
    assertThat(send(container, "POST /" + ID).text()).contains("cookie=false");
    assertThat(send(container, "DELETE /" + ID + "?poll-queue=1").text()).contains("cookie=false");
    assertThat(send(container, "GET /" + ID, "Cookie: a=b; cablestream=" + "a0".repeat(16)).text())
        .contains("cookie=false");
  }

  // Origins and CORS.

  @ParameterizedTest
  @EnumSource
  void anotherSitesImageIsRefusedWhateverTheMethod(Container container) {
    for (String method : List.of("GET", "POST", "DELETE")) {
      assertError(send(container, method + " /" + ID, "Sec-Fetch-Site: cross-site"), 403, "Origin");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOriginThatIsNotAllowedIsRefusedAndNotNamed(Container container) {
    for (String method : List.of("GET", "POST", "DELETE")) {
      RawResponse answer =
          NARROW.get(container).ask(method + " /" + ID, "Origin: https://evil.example");

      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).contains("allowed-origins");
      assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }
    assertThat(NARROW.get(container).ask("GET /" + ID, ORIGIN).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aPreflightIsAnswered204(Container container) {
    RawResponse answer = send(container, "OPTIONS /" + ID, ORIGIN);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.text()).isEmpty();
    assertThat(answer.header("Access-Control-Allow-Origin")).hasValue("https://app.example");
    assertThat(answer.header("Access-Control-Allow-Credentials")).hasValue("true");
    assertThat(answer.header("Access-Control-Allow-Methods"))
        .hasValue("GET, POST, DELETE, OPTIONS");
    assertThat(answer.header("Access-Control-Allow-Headers"))
        .hasValue("Content-Type, Last-Event-ID, Idempotency-Key, Authorization");
    assertThat(answer.header("Access-Control-Max-Age")).hasValue("7200");
  }

  @ParameterizedTest
  @EnumSource
  void aPreflightFromElsewhereNamesNobody(Container container) {
    RawResponse answer =
        NARROW.get(container).ask("OPTIONS /" + ID, "Origin: https://evil.example");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everyAnswerVariesByOriginAndIsNotSniffed(Container container) {
    for (String line :
        List.of("GET /" + ID, "GET /short", "PUT /" + ID, "OPTIONS /" + ID, "GET /-/nothing")) {
      RawResponse answer = send(container, line);

      assertThat(answer.header("Vary")).as(line).hasValue("Origin");
      assertThat(answer.header("X-Content-Type-Options")).as(line).hasValue("nosniff");
      assertThat(answer.header("Cache-Control")).as(line).hasValue("no-store");
    }
  }

  // Failures.

  static Stream<Arguments> failures() {
    return each("fail", "fail-late", "fail-begun", "fail-badly");
  }

  @ParameterizedTest
  @MethodSource("failures")
  @NoFaults.Expected
  void anExceptionIsAJsonErrorThatTellsNothing(Container container, String failure) {
    RawResponse answer = send(container, "GET /" + ID + "?" + failure, ORIGIN);

    assertError(answer, 500, "the bridge failed");
    assertThat(answer.text()).doesNotContain("secret").doesNotContain("Exception");
  }

  /** An exception that reaches a container is logged by it, with the path. */
  @ParameterizedTest
  @MethodSource("failures")
  @NoFaults.Expected
  void anEventsIdIsInNoLogLineTheContainersIncluded(Container container, String failure) {
    String id = UUID.randomUUID().toString();
    try (RecordedLog everything = RecordedLog.below("")) {
      assertThat(send(container, "GET /" + id + "?" + failure).status()).isEqualTo(500);

      assertThat(everything.lines())
          .anyMatch(line -> line.startsWith("event=request_failed method=GET"))
          .noneMatch(line -> line.contains(id));
      assertThat(everything.records())
          .noneMatch(line -> String.valueOf(line.getThrown()).contains(id));
    }
  }

  // Pages.

  @ParameterizedTest
  @EnumSource
  void whatIsNotUnderThePagesIsJsonToo(Container container) {
    for (String path : List.of("/-/nothing", "/-/", "/-/error", "/-/x/", "/-/WEB-INF/web.xml")) {
      RawResponse answer = send(container, "GET " + path, "Accept: text/html");

      assertThat(answer.status()).as(path).isEqualTo(404);
      assertThat(answer.text()).as(path).isEqualTo("{\"error\":\"there is nothing here\"}");
      assertThat(answer.header("Content-Type")).as(path).hasValue("application/json");
      assertThat(answer.header("Access-Control-Allow-Origin")).as(path).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void noPathReachesTheDescriptor(Container container) {
    for (String path :
        List.of(
            "/WEB-INF/web.xml",
            "/-/../WEB-INF/web.xml",
            "/-/%2e%2e/WEB-INF/web.xml",
            "/-/..;/WEB-INF/web.xml",
            "/-/x/../../WEB-INF/web.xml")) {
      RawResponse answer = send(container, "GET " + path);

      assertThat(answer.status()).as(path).isBetween(400, 404);
      assertThat(answer.text()).as(path).doesNotContain("web-app");
    }
  }

  /** A proxy that admits some paths compares them as text. */
  @ParameterizedTest
  @EnumSource
  void aPageHasNoOtherSpelling(Container container) {
    WebApplication application = OPEN.get(container);
    for (String page : List.of("/-/health", "/-/diagnosis.html")) {
      assertThat(send(container, "GET " + page).status()).isEqualTo(200);
      for (String target : Spellings.of(WebApplication.BASE + page)) {
        RawResponse answer = RawRequest.of("GET", application.port(), target).sendAlone();

        assertThat(answer.status()).as(target).isBetween(400, 404);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theConsoleCanBeSwitchedOff(Container container) {
    for (String path :
        List.of(
            "/",
            "/index.html",
            "/-/console.css",
            "/-/console/",
            "/-/diagnosis",
            "/-/diagnosis.html")) {
      RawResponse answer = NARROW.get(container).ask("GET " + path);

      assertThat(answer.status()).as(path).isEqualTo(404);
      assertThat(answer.header("Content-Type")).as(path).hasValue("application/json");
    }
    assertThat(NARROW.get(container).ask("GET /-/status").text())
        .contains("data-page=\"status\"")
        .doesNotContain("data-page=\"console\"", "data-page=\"diagnosis\"");
    assertThat(NARROW.get(container).ask("GET /-/mark.svg").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aTrialOfTheNetworkIsATunnelAndGoesWhereASessionWould(Container container) {
    String trial = " /-/echo/" + ID;
    assertThat(send(container, "GET" + trial + "?protocol=actioncable-v1-json", STREAM).text())
        .startsWith("servlet=event-stream");
    assertError(send(container, "GET" + trial, STREAM, ORIGIN), 400, "protocol");
    assertThat(
            NARROW
                .get(container)
                .ask("GET" + trial + "?protocol=actioncable-v1-json", STREAM)
                .status())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void whereTheContainerHasNoWebSocketsTheirTrialSaysSo(Container container) {
    assertError(send(container, "GET /-/echo/cable"), 501, "can't test WebSockets");
    assertThat(NARROW.get(container).ask("GET /-/echo/cable").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void theScriptAndItsTimingAreForPagesOfOtherHostsThatMayUseTheBridge(Container container) {
    RawResponse open = send(container, "GET /-/cablestream.js", "Origin: https://any.example");
    RawResponse stranger =
        NARROW.get(container).ask("GET /-/cablestream.js", "Origin: https://evil.example");

    assertThat(open.status()).isEqualTo(200);
    assertThat(open.header("Access-Control-Allow-Origin")).hasValue("https://any.example");
    assertThat(open.header("Timing-Allow-Origin")).hasValue("https://any.example");
    assertThat(stranger.header("Access-Control-Allow-Origin")).isEmpty();
    assertThat(stranger.header("Timing-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void theScriptIsAskedForAnewUnderItsOwnNameAndNeverUnderItsDigest(Container container) {
    RawResponse own = send(container, "GET /-/cablestream.js");
    String lasting = "/-/" + own.header("Content-Location").orElseThrow();
    String tag = own.header("ETag").orElseThrow();

    assertThat(own.header("Cache-Control")).hasValue("no-cache");
    assertThat(own.header("Content-Type").orElseThrow())
        .isEqualToIgnoringCase("text/javascript;charset=utf-8");
    assertThat(lasting).matches("/-/cablestream-[0-9a-f]{16}\\.js");
    assertThat(tag).isEqualTo("W/\"" + lasting.substring(15, 31) + "\"");
    RawResponse same = send(container, "GET " + lasting);
    assertThat(same.header("Cache-Control")).hasValue("public, max-age=31536000, immutable");
    assertThat(same.text()).isEqualTo(own.text());
    assertThat(send(container, "GET " + lasting, "If-None-Match: \"x\", " + tag).status())
        .isEqualTo(304);
    assertThat(send(container, "HEAD /-/cablestream.js").header("ETag")).hasValue(tag);
  }

  @ParameterizedTest
  @EnumSource
  void theApplicationTemplateIsServedAsText(Container container) throws IOException {
    RawResponse template = send(container, "GET /-/rails.rb");

    assertThat(template.text()).isEqualTo(Files.readString(Path.of("webapp/-/rails.rb")));
    assertThat(template.header("Content-Type").orElseThrow()).startsWith("text/plain");
  }

  @ParameterizedTest
  @EnumSource
  void anotherVersionsScriptIsThisOneAndNotKept(Container container) {
    RawResponse stale = send(container, "GET /-/cablestream-0123456789abcdef.js");

    assertThat(stale.status()).isEqualTo(200);
    assertThat(stale.header("Cache-Control")).hasValue("no-cache");
  }

  @ParameterizedTest
  @EnumSource
  void theScriptIsTheSourceWithoutCommentsCompressedForWhoTakesIt(Container container)
      throws IOException {
    String source = Files.readString(Path.of("webapp/-/cablestream.js"));
    RawResponse plain = send(container, "GET /-/cablestream.js", "Accept-Encoding: gzip;q=0, br");
    RawResponse packed = send(container, "GET /-/cablestream.js", "Accept-Encoding: br, gzip");

    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(source.lines()).containsSubsequence(plain.text().lines().toList());
    assertThat(plain.text()).contains("export class CableSocket").doesNotContain("/**", " // ");
    assertThat(packed.header("Content-Encoding")).hasValue("gzip");
    assertThat(packed.header("Vary").orElseThrow()).contains("Accept-Encoding", "Origin");
    assertThat(Integer.parseInt(packed.header("Content-Length").orElseThrow()))
        .isLessThan(11 * 1024);
  }

  private static RawResponse send(Container container, String line, String... headers) {
    return OPEN.get(container).ask(line, headers);
  }

  private static String servlet(Container container, String method, String... headers) {
    String body = send(container, method + " /" + ID, headers).text();
    return body.substring("servlet=".length(), body.indexOf('\n'));
  }

  private static void assertError(RawResponse answer, int status, String error) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).startsWith("{\"error\":\"").contains(error);
    assertThat(answer.header("Content-Type")).hasValue("application/json");
    assertThat(answer.header("Cache-Control")).hasValue("no-store");
    if (status != 403 && status != 501) {
      assertThat(answer.header("Access-Control-Allow-Origin")).hasValue("https://app.example");
    }
  }
}
