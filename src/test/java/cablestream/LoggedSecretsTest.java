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
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Puts a secret into every part of requests, and into what the server repeats of them, and searches
 * for it in the whole log, including debug lines.
 */
@Timeout(60)
class LoggedSecretsTest {
  private static final String SECRET = "S3CRET-0f9a8b7c6d5e";
  private static final String ID = "/events-id-" + SECRET;
  private static final String CHAT = "{\"channel\":\"ChatChannel\",\"token\":\"" + SECRET + "\"}";
  private static final String TUNNEL = "?protocol=actioncable-v1-json&token=" + SECRET;

  /** Every header that the bridge or a layer below it reads, and one that none does. */
  private static final List<String> HEADERS =
      List.of(
          "Authorization: Bearer " + SECRET,
          "Cookie: _app=" + SECRET + "; cablestream=" + SECRET,
          "Origin: http://" + SECRET.toLowerCase() + ".example",
          "User-Agent: " + SECRET,
          "Last-Event-ID: " + SECRET,
          "Idempotency-Key: " + SECRET,
          "Accept-Language: " + SECRET,
          "X-Forwarded-For: " + SECRET,
          "X-Forwarded-Host: " + SECRET,
          "Forwarded: for=" + SECRET + ";host=" + SECRET,
          "X-Request-Id: " + SECRET,
          "traceparent: " + SECRET,
          "Referer: http://app.example/" + SECRET,
          "X-Unknown: " + SECRET);

  /** Held here, because loggers are held weakly. */
  private final Logger ours = Logger.getLogger("cablestream");

  private final InProcessActionCable rails = InProcessActionCable.start();
  private RecordedLog log;
  private WebApplication bridge;

  @BeforeEach
  void logEverything() {
    ours.setLevel(Level.FINEST);
    log = RecordedLog.below("");
  }

  @AfterEach
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    rails.close();
    log.close();
    ours.setLevel(null);
  }

  @ParameterizedTest
  @EnumSource
  void ofSessionsThatWork(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("GET", ID + "?token=" + SECRET)) {
      stream.next("joined");
      send(ID + "?token=" + SECRET, "[{\"identifier\":" + CHAT + ",\"subscribe\":true}]");
      stream.skipTo("connected");
      CableServerConnection cable = rails.awaitConnection();
      cable.awaitSubscribed(CHAT).broadcast(CHAT, "\"" + SECRET + "\"");
      stream.skipTo("received");
      cable.say("not JSON but " + SECRET);
      stream.skipTo("gap");
      send(ID + "?token=" + SECRET, "[{\"identifier\":" + CHAT + ",\"send\":\"" + SECRET + "\"}]");
      send(ID, "[{\"" + SECRET);
      cable.disconnect(SECRET.toLowerCase(), true);
      stream.skipTo("disconnected");
      ask("DELETE", ID);
    }
    try (EventStream tunnel = tunnel(ID + "t" + TUNNEL)) {
      assertThat(tunnel.next().name()).isEqualTo("opened");
      send(ID + "t" + TUNNEL, "[\"" + SECRET + "\"]");
      rails.awaitConnection().close(1000, SECRET);
      assertThat(tunnel.next("welcome").name()).isEqualTo("message");
      assertThat(tunnel.next().name()).isEqualTo("close");
    }
    assertNothingLogged();
  }

  @ParameterizedTest
  @EnumSource
  void ofDialsThatFail(Container container) throws Exception {
    deploy(container);
    rails.redirectsTo("http://user:" + SECRET + "@app.example/login?token=" + SECRET);
    assertThat(ask("GET", ID + "?timeout=0").status()).isEqualTo(502);
    rails.refusesWith(503);
    assertThat(ask("GET", ID + "?timeout=0&token=" + SECRET).status()).isEqualTo(502);
    assertThat(ask("GET", ID + "?timeout=0&cable-path=/" + SECRET).status()).isEqualTo(403);
    rails.close();
    assertThat(ask("GET", ID + "?timeout=0&token=" + SECRET).status()).isEqualTo(502);
    assertNothingLogged();
  }

  @ParameterizedTest
  @EnumSource
  void ofWhatIsRefused(Container container) throws Exception {
    deploy(container);
    for (String target :
        List.of(
            ID,
            ID + "/" + SECRET,
            "/-/session/" + SECRET,
            "/-/metrics?token=" + SECRET,
            "/-/status.json?token=" + SECRET,
            "/-/" + SECRET,
            "/-/echo/" + SECRET + SECRET,
            ID + "?ping=" + SECRET,
            ID + "?protocol=" + SECRET + "%00",
            ID + "?last-event-id=%zz" + SECRET,
            ID + "?fallback=" + SECRET + TUNNEL.replace('?', '&'))) {
      for (String method : List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", SECRET)) {
        request(method, target).body(SECRET).sendAlone();
      }
    }
    assertNothingLogged();
  }

  private void deploy(Container container) throws Exception {
    bridge =
        container.deploy(
            Map.of(
                "<listener>",
                "<context-param><param-name>cablestream.cable.url</param-name><param-value>"
                    + rails.url()
                    + "</param-value></context-param><context-param><param-name>"
                    + "cablestream.operator.token</param-name><param-value>a-token-of-operators"
                    + "</param-value></context-param><listener>"));
  }

  /** A tunnel that doesn't start at its beginning is closed at once. */
  private EventStream tunnel(String target) {
    return RawRequest.of("GET", bridge.port(), WebApplication.BASE + target)
        .headers(HEADERS.stream().filter(line -> !line.startsWith("Last-Event-ID")).toList())
        .header("Accept", "text/event-stream")
        .listen();
  }

  private EventStream listen(String method, String target) {
    return request(method, target).header("Accept", "text/event-stream").listen();
  }

  private RawResponse ask(String method, String target) {
    return request(method, target).sendAlone();
  }

  private void send(String target, String body) {
    // With the same key each time, a second POST would only be compared with the first.
    RawRequest.of("POST", bridge.port(), WebApplication.BASE + target)
        .headers(HEADERS.stream().filter(line -> !line.startsWith("Idempotency")).toList())
        .body(body)
        .sendAlone();
  }

  private RawRequest request(String method, String target) {
    return RawRequest.of(method, bridge.port(), WebApplication.BASE + target).headers(HEADERS);
  }

  private void assertNothingLogged() {
    bridge.close();
    bridge = null;
    List<String> lines = new ArrayList<>();
    for (LogRecord line : log.records()) {
      // The container's own lines depend on its own settings.
      if (!String.valueOf(line.getLoggerName()).startsWith("org.apache.")) {
        lines.add(line.getLoggerName() + " " + text(line));
      }
    }
    assertThat(lines).anyMatch(line -> line.contains("event=")).isNotEmpty();
    assertThat(lines)
        .noneMatch(line -> line.toLowerCase().contains(SECRET.toLowerCase()))
        .allMatch(line -> line.length() < 1_000 || line.contains("\tat "));
  }

  private static String text(LogRecord line) {
    StringWriter text = new StringWriter();
    text.write(new SimpleFormatter().formatMessage(line));
    if (line.getThrown() != null) {
      text.write('\n');
      line.getThrown().printStackTrace(new PrintWriter(text, true));
    }
    return text.toString();
  }
}
