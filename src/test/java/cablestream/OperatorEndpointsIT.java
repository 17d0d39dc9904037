package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import cablestream.support.RecordedLog;
import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operator's endpoints, and that they are closed to others. */
@Timeout(60)
class OperatorEndpointsIT {
  private static final String CHAT = "{\"channel\":\"ChatChannel\",\"secret\":\"hush\"}";
  private static final String TOKEN = "a-token-that-nobody-guesses";
  private static final String OPERATOR = "Authorization: Bearer " + TOKEN;
  private static final String[] GUARDED = {
    "GET /-/metrics",
    "GET /-/status.json",
    "GET /-/session/0123abcd",
    "POST /-/session/0123abcd/close",
    "POST /-/session/0123abcd/debug",
    "POST /-/drain"
  };

  private static final String STUCK =
      "<listener-class>cablestream.OperatorEndpointsIT$Stuck</listener-class>";

  private final InProcessActionCable rails = InProcessActionCable.start();
  private final String id = UUID.randomUUID().toString();
  private WebApplication bridge;

  @AfterEach
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    rails.close();
  }

  @ParameterizedTest
  @EnumSource
  void metricsTellOfASession(Container container) throws Exception {
    deploy(container, TOKEN);
    try (EventStream stream = listen()) {
      stream.next("joined");
      subscribe(stream);

      RawResponse metrics = bridge.ask("GET /-/metrics", OPERATOR);

      assertThat(metrics.status()).isEqualTo(200);
      assertThat(metrics.header("Content-Type").orElseThrow().replace(" ", ""))
          .startsWith("text/plain;version=0.0.4");
      assertThat(metrics.header("Cache-Control")).hasValue("no-store");
      assertThat(metrics.text())
          .contains("\ncablestream_sessions 1.0\n")
          .contains("\ncablestream_cable_up 1.0\n")
          .contains("\ncablestream_accepting 1.0\n")
          .contains("\ncablestream_listeners{transport=\"stream\"} 1.0\n")
          .contains("cablestream_commands_total{kind=\"subscribe\",outcome=\"done\"} 1.0\n")
          .contains("cablestream_build_info{version=\"development\"} 1\n")
          .contains("attempt=\"first\",outcome=\"welcomed\"");
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusalsAreCountedByStatus(Container container) throws Exception {
    deploy(container, TOKEN);
    bridge.ask("GET /short");
    bridge.send("POST /" + id, "[]");

    assertThat(bridge.ask("GET /-/metrics", OPERATOR).text())
        .contains("cablestream_requests_refused_total{status=\"400\"} 1.0\n")
        .contains("cablestream_requests_refused_total{status=\"404\"} 1.0\n");
  }

  /** A shell on the machine, and a proxy on it that adds no header, both connect from loopback. */
  @ParameterizedTest
  @EnumSource
  void withoutATokenNobodyIsAnOperatorAndIsToldHowToBecomeOne(Container container)
      throws Exception {
    deploy(container, "");
    for (String request : GUARDED) {
      for (String header : new String[] {"Accept: */*", OPERATOR, "X-Forwarded-For: 203.0.113.9"}) {
        RawResponse answer = bridge.ask(request, header, "Host: localhost");
        assertThat(answer.status()).as(request).isEqualTo(403);
        assertThat(answer.text()).startsWith("{\"error\":").contains("CABLESTREAM_OPERATOR_TOKEN");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
      }
    }
    assertThat(bridge.ask("GET /-/ready").status()).isEqualTo(200);
    assertThat(bridge.ask("GET /-/health").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void theTokenAdmitsFromAnywhereAndNothingElseDoes(Container container) throws Exception {
    deploy(container, TOKEN);
    String proxy = "X-Forwarded-For: 203.0.113.9";
    for (String request : GUARDED) {
      RawResponse guess = bridge.ask(request, proxy, OPERATOR + "x");
      assertThat(guess.status()).as(request).isEqualTo(401);
      assertThat(guess.header("WWW-Authenticate").orElseThrow()).startsWith("Bearer ");
      assertThat(bridge.ask(request, proxy).status()).isEqualTo(401);
      assertThat(bridge.ask(request, "Host: localhost").status()).isEqualTo(401);
    }
    assertThat(bridge.ask("GET /-/metrics", proxy, OPERATOR).status()).isEqualTo(200);
    RawResponse status = bridge.ask("GET /-/status.json", proxy, OPERATOR);
    assertThat(status.status()).isEqualTo(200);
    assertThat(status.text()).contains("operator.token").doesNotContain(TOKEN);
    assertThat(bridge.ask("POST /-/drain", proxy, OPERATOR).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void thePageTellsNothingAndMayNotBeFramed(Container container) throws Exception {
    deploy(container, TOKEN);
    RawResponse page = bridge.ask("GET /-/status", "X-Forwarded-For: 203.0.113.9");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Type").orElseThrow().toLowerCase())
        .isEqualTo("text/html;charset=utf-8");
    assertThat(page.header("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.text()).doesNotContain("<script>").doesNotContain("style=");
    assertThat(bridge.ask("GET /-/status/status.js").header("Content-Type").orElseThrow())
        .startsWith("text/javascript");
    assertThat(bridge.ask("GET /-/status/status.css").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void theStatusTellsWhatRunsHowItIsSetAndWhoIsThere(Container container) throws Exception {
    deploy(container, TOKEN);
    try (EventStream stream = listen()) {
      stream.next("joined");
      subscribe(stream);

      JsonObject status = object("GET /-/status.json");

      assertThat(status.getString("version")).isEqualTo("development");
      assertThat(status.getInt("uptime_seconds")).isNotNegative();
      assertThat(status.getString("cable")).isEqualTo("up");
      assertThat(status.getBoolean("accepting")).isTrue();
      assertThat(status.getJsonArray("settings"))
          .contains(
              Json.createObjectBuilder()
                  .add("name", "linger")
                  .add("source", "default")
                  .add("value", "30s")
                  .build());
      assertThat(status.getJsonObject("counts").getInt("cablestream_sessions")).isEqualTo(1);
      JsonObject sessions = status.getJsonObject("sessions");
      assertThat(sessions.getInt("total")).isEqualTo(1);
      assertThat(sessions.getInt("looked_at")).isEqualTo(1);
      assertThat(sessions.getJsonObject("by_transport").getInt("stream")).isEqualTo(1);
      assertThat(sessions.getJsonObject("by_age").getInt("under a minute")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whyPagesNeedTheBridgeIsCountedAndKeptFromTheServer(Container container) throws Exception {
    deploy(container, TOKEN);
    String query = "?protocol=actioncable-v1-json&fallback=";
    try (EventStream tunnel = listenTo("GET", id + query + "silent&a=1");
        EventStream fetch = listenTo("POST", another() + query + "died");
        EventStream odd = listenTo("GET", another() + query + "%zz%0d%0aX");
        EventStream older = listenTo("GET", another() + "?protocol=actioncable-v1-json");
        EventStream channels = listenTo("GET", another() + "?fallback=forced")) {
      for (EventStream each : List.of(tunnel, fetch, odd, older)) {
        assertThat(each.next().name()).isEqualTo("opened");
      }
      channels.next("joined");
      String post = id + query + "refused";
      assertThat(request("POST", post + "&a=1").body("[]").send().status()).isEqualTo(200);
      assertThat(request("POST", post + "&a=2").body("[]").send().status()).isEqualTo(403);

      assertThat(Stream.generate(rails::awaitConnection).limit(5).map(CableServerConnection::query))
          .containsExactlyInAnyOrder("a=1", null, null, null, null);
      String metrics = bridge.ask("GET /-/metrics", OPERATOR).text();
      for (String reason : List.of("silent", "died", "other", "unknown")) {
        assertThat(metrics)
            .contains("cablestream_fallbacks_total{reason=\"" + reason + "\"} 1.0\n");
      }
      assertThat(metrics)
          .contains("cablestream_fallbacks_total{reason=\"forced\"} 0.0\n")
          .contains("cablestream_fallbacks_total{reason=\"refused\"} 0.0\n")
          .contains("cablestream_sessions_opened_total{transport=\"eventsource\"} 4.0\n")
          .contains("cablestream_sessions_opened_total{transport=\"fetch\"} 1.0\n");
      assertThat(
              object("GET /-/status.json").getJsonObject("sessions").getJsonObject("by_fallback"))
          .isEqualTo(
              Json.createObjectBuilder()
                  .add("died", 1)
                  .add("other", 1)
                  .add("silent", 1)
                  .add("unknown", 1)
                  .build());
    }
  }

  private static String another() {
    return UUID.randomUUID().toString();
  }

  private EventStream listenTo(String method, String target) {
    return request(method, target).header("Accept", "text/event-stream").listen();
  }

  @ParameterizedTest
  @EnumSource
  void aSessionIsLookedAtWithoutItsPayloads(Container container) throws Exception {
    deploy(container, TOKEN);
    try (EventStream stream = listen()) {
      String sessionId = stream.next("joined").json().getString("session_id");
      subscribe(stream);
      CableServerConnection cable = rails.awaitConnection().awaitSubscribed(CHAT);
      cable.broadcast(CHAT, "{\"text\":\"hush\"}");
      stream.next("received");

      String status = bridge.ask("GET /-/status.json", OPERATOR).text();
      String hash = theSession().getString("session");
      RawResponse looked = bridge.ask("GET /-/session/" + hash, OPERATOR);

      assertThat(looked.status()).isEqualTo(200);
      JsonObject session = looked.jsonArray().getJsonObject(0);
      assertThat(session.getString("cable")).isEqualTo("open");
      assertThat(session.getString("mode")).isEqualTo("channels");
      assertThat(session.getInt("streams")).isEqualTo(1);
      assertThat(session.getInt("events")).isEqualTo(2);
      assertThat(session.getInt("lag_events")).isZero();
      assertThat(session.getInt("log_bytes")).isPositive();
      assertThat(session.getJsonArray("channels")).hasSize(1);
      String chanId = session.getJsonArray("channels").getString(0);
      assertThat(session.getJsonObject("channel_names"))
          .isEqualTo(Json.createObjectBuilder().add(chanId, "ChatChannel").build());
      assertThat(looked.text()).doesNotContain("secret");
      assertThat(status).doesNotContain("ChatChannel");
      for (String told : new String[] {status, looked.text()}) {
        assertThat(told).doesNotContain("hush", id, sessionId, "signed-in");
      }
    }
  }

  /** The procedure in docs/monitoring.md, for a page whose subscription is rejected. */
  @ParameterizedTest
  @EnumSource
  void aChatThatDoesNotWorkIsExplainedInThreeRequests(Container container) throws Exception {
    deploy(container, TOKEN);
    rails.rejectsSubscriptions();
    try (RecordedLog log = RecordedLog.below("cablestream.environment");
        EventStream others = listenTo("GET", another());
        EventStream anna =
            request("GET")
                .header("Accept", "text/event-stream")
                .header("User-Agent", "Anna/1")
                .listen()) {
      others.next("joined");
      anna.next("joined");
      request("POST").body("[{\"identifier\":" + CHAT + ",\"subscribe\":true}]").send();
      anna.next("rejected");

      JsonObject found = object("GET /-/status.json?search=anna%2F1").getJsonObject("sessions");
      assertThat(found.getInt("looked_at")).isEqualTo(1);
      String hash = found.getJsonArray("list").getJsonObject(0).getString("session");
      assertThat(anna.response().header("Cablestream-Session")).hasValue(hash);
      assertThat(
              bridge
                  .ask("GET /-/session/" + hash, OPERATOR)
                  .jsonArray()
                  .getJsonObject(0)
                  .getJsonArray("transitions")
                  .getValuesAs(JsonObject.class))
          .extracting(transition -> transition.getString("step"))
          .containsExactly(
              "opened", "dialling", "welcomed", "listener_attached", "subscribing", "rejected");

      assertThat(bridge.ask("POST /-/session/" + hash + "/debug").status()).isEqualTo(401);
      assertThat(bridge.ask("POST /-/session/" + hash + "/debug", OPERATOR).status())
          .isEqualTo(200);
      request("POST").body("[{\"identifier\":" + CHAT + ",\"subscribe\":true}]").send();
      anna.next("rejected");
      assertThat(log.lines())
          .hasSize(2)
          .allMatch(line -> line.startsWith("event=transition session=" + hash + " step="));
    }
    assertThat(Files.readString(Path.of("docs/monitoring.md")))
        .contains("/-/status.json?search=", "/-/session/0123abcd/debug", "`rejected`");
  }

  @ParameterizedTest
  @EnumSource
  void aSearchFindsByAddressOriginAndHashAndIsBounded(Container container) throws Exception {
    deploy(container, TOKEN);
    try (EventStream stream = listen()) {
      stream.next("joined");
      String hash = theSession().getString("session");
      for (String search : List.of("127.0.0.1", "PAGE.example", hash, "")) {
        JsonObject sessions =
            object("GET /-/status.json?search=" + search).getJsonObject("sessions");
        assertThat(sessions.getInt("looked_at")).as(search).isEqualTo(1);
      }
      for (String search : List.of("203.0.113.7", "signed-in", "%00")) {
        assertThat(
                object("GET /-/status.json?search=" + search)
                    .getJsonObject("sessions")
                    .getJsonArray("list"))
            .isEmpty();
      }
      assertThat(bridge.ask("GET /-/status.json?search=" + "x".repeat(201), OPERATOR).status())
          .isEqualTo(400);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOperatorClosesASessionByPostOnly(Container container) throws Exception {
    deploy(container, TOKEN);
    try (EventStream stream = listen()) {
      stream.next("joined");
      String hash = theSession().getString("session");

      assertThat(bridge.ask("GET /-/session/" + hash + "/close", OPERATOR).status()).isEqualTo(404);
      assertThat(bridge.ask("POST /-/session/" + hash, OPERATOR).status()).isEqualTo(405);
      RawResponse closed = bridge.ask("POST /-/session/" + hash + "/close", OPERATOR);

      assertThat(closed.status()).isEqualTo(200);
      assertThat(stream.skipTo("closed").json().getString("reason")).isEqualTo("ended");
      stream.expectEnd();
      Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(
              () ->
                  assertThat(bridge.ask("GET /-/session/" + hash, OPERATOR).status())
                      .isEqualTo(404));
      assertThat(bridge.ask("POST /-/session/" + hash + "/close", OPERATOR).status())
          .isEqualTo(404);
      assertThat(bridge.ask("GET /-/metrics", OPERATOR).text())
          .contains("cablestream_sessions_ended_total{reason=\"operator\"} 1.0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBridgeWhoseCableIsDownIsReadyAndSaysSo(Container container) throws Exception {
    deploy(container, TOKEN);
    rails.close();
    assertThat(request("GET").header("Accept", "text/event-stream").send().status()).isEqualTo(502);

    RawResponse ready = bridge.ask("GET /-/ready");

    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.text())
        .matches("\\{\"status\":\"ready\",\"cable\":\"down\",\"node\":\"[\\w-]{16}\"}");
  }

  @ParameterizedTest
  @EnumSource
  void aDrainedBridgeIsNotReadyAndItsMetricsSaySo(Container container) throws Exception {
    deploy(container, TOKEN);
    bridge.ask("POST /-/drain", OPERATOR);

    RawResponse ready = bridge.ask("GET /-/ready");

    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.text())
        .matches("\\{\"status\":\"draining\",\"cable\":\"unknown\",\"node\":\"[\\w-]{16}\"}");
    assertThat(bridge.ask("GET /-/metrics", OPERATOR).text()).contains("cablestream_accepting 0.0");
  }

  /** No poll would be answered, no heartbeat sent, and no session ended. */
  @ParameterizedTest
  @EnumSource
  void aBridgeWhoseTimersAreStuckIsNotHealthy(Container container) throws Exception {
    Map<String, String> parts = new HashMap<>(descriptor(""));
    parts.put("</listener>", "</listener><listener>" + STUCK + "</listener>");
    parts.merge("<listener>", parameter("drain.notice", "1s"), (a, b) -> b + a);
    Stuck.let = new CountDownLatch(1);
    bridge = container.deploy(parts);
    assertThat(bridge.ask("GET /-/health").status()).isEqualTo(200);

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> bridge.ask("GET /-/health").status() == 503);
    assertThat(bridge.ask("GET /-/health").text()).isEqualTo("{\"status\":\"stuck\"}");

    Stuck.let.countDown();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> bridge.ask("GET /-/health").status() == 200);
  }

  /** Occupies the timers' thread: a listener of the drain runs on it. Public for the container. */
  public static final class Stuck implements ServletContextListener {
    private static CountDownLatch let;

    @Override
    public void contextInitialized(ServletContextEvent event) {
      Supplier<?> drain = (Supplier<?>) event.getServletContext().getAttribute(Bootstrap.DRAIN);
      ((CompletionStage<?>) drain.get()).thenRun(Stuck::stay);
    }

    private static void stay() {
      try {
        let.await();
      } catch (InterruptedException e) {
        // The bridge is stopping.
      }
    }
  }

  private void deploy(Container container, String token) throws Exception {
    bridge = container.deploy(descriptor(token));
  }

  private Map<String, String> descriptor(String token) {
    return Map.of(
        "<listener>",
        parameter("cable.url", rails.url().toString())
            + parameter("operator.token", token)
            + "<listener>");
  }

  private static String parameter(String name, String value) {
    return "<context-param><param-name>cablestream."
        + name
        + "</param-name><param-value>"
        + value
        + "</param-value></context-param>";
  }

  private EventStream listen() {
    return request("GET").header("Accept", "text/event-stream").listen();
  }

  private void subscribe(EventStream stream) {
    request("POST").body("[{\"identifier\":" + CHAT + ",\"subscribe\":true}]").send();
    stream.next("connected");
  }

  private RawRequest request(String method) {
    return request(method, id);
  }

  private RawRequest request(String method, String target) {
    return RawRequest.of(method, bridge.port(), WebApplication.BASE + "/" + target)
        .header("Origin", "http://page.example")
        .header("Cookie", "_app=signed-in");
  }

  private JsonObject theSession() {
    JsonArray list = object("GET /-/status.json").getJsonObject("sessions").getJsonArray("list");
    assertThat(list).hasSize(1);
    return list.getJsonObject(0);
  }

  private JsonObject object(String request) {
    RawResponse answer = bridge.ask(request, OPERATOR);
    assertThat(answer.status()).isEqualTo(200);
    return answer.json();
  }
}
