package cablestream.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import cablestream.support.wire.RawResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The web application's files, as browsers and proxies request them. */
class PagesTest {
  private static final Map<Container, WebApplication> DEPLOYED = new EnumMap<>(Container.class);

  @BeforeAll
  static void deploy() throws Exception {
    for (Container container : Container.values()) {
      DEPLOYED.put(
          container,
          container.deploy(
              Map.of(
                  "<listener>",
                  "<context-param><param-name>cablestream.cable.url</param-name>"
                      + "<param-value>ws://127.0.0.1:9/cable</param-value></context-param>"
                      + "<context-param><param-name>cablestream.diagnosis.websockets</param-name>"
                      + "<param-value>wss://cable.example</param-value></context-param>"
                      + "<listener>")));
    }
  }

  @AfterAll
  static void undeploy() {
    DEPLOYED.values().forEach(WebApplication::close);
  }

  private static RawResponse send(Container container, String line, String... headers) {
    return DEPLOYED.get(container).ask(line, headers);
  }

  static Stream<Arguments> files() {
    return Stream.of(Container.values())
        .flatMap(
            container ->
                Stream.of(
                    Arguments.of(container, "/", "index.html", "text/html;charset=utf-8"),
                    Arguments.of(container, "/index.html", "index.html", "text/html;charset=utf-8"),
                    Arguments.of(
                        container, "/-/diagnosis", "-/diagnosis.html", "text/html;charset=utf-8"),
                    Arguments.of(
                        container, "/-/status", "WEB-INF/status.html", "text/html;charset=utf-8"),
                    Arguments.of(
                        container,
                        "/-/cablestream.d.ts",
                        "-/cablestream.d.ts",
                        "text/plain;charset=utf-8"),
                    Arguments.of(
                        container, "/-/console.css", "-/console.css", "text/css;charset=utf-8"),
                    Arguments.of(container, "/-/page.css", "-/page.css", "text/css;charset=utf-8"),
                    Arguments.of(container, "/-/mark.svg", "-/mark.svg", "image/svg+xml"),
                    Arguments.of(
                        container,
                        "/-/console/presets.json",
                        "-/console/presets.json",
                        "application/json")));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileIsServedWholeWithItsTypeAndATag(
      Container container, String path, String file, String type) throws Exception {
    byte[] content = Files.readAllBytes(Path.of("webapp").resolve(file));

    RawResponse answer = send(container, "GET " + path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(content);
    assertThat(answer.header("Content-Type").orElseThrow().toLowerCase()).isEqualTo(type);
    assertThat(answer.header("Content-Length")).hasValue("" + content.length);
    assertThat(answer.header("Cache-Control")).hasValue("no-cache");
    assertThat(answer.header("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
    assertThat(answer.header("ETag").orElseThrow()).matches("\"[0-9a-f]{32}\"");

    RawResponse head = send(container, "HEAD " + path);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.text()).isEmpty();
    assertThat(head.header("Content-Length")).isEqualTo(answer.header("Content-Length"));
    assertThat(head.header("ETag")).isEqualTo(answer.header("ETag"));
  }

  @ParameterizedTest
  @EnumSource
  void whoHasItAlreadyIsToldSo(Container container) {
    String tag = send(container, "GET /-/console.js").header("ETag").orElseThrow();

    for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
      RawResponse answer = send(container, "GET /-/console.js", "If-None-Match: " + known);
      assertThat(answer.status()).as(known).isEqualTo(304);
      assertThat(answer.text()).isEmpty();
      assertThat(answer.header("ETag")).hasValue(tag);
      assertThat(answer.header("Cache-Control")).hasValue("no-cache");
    }
    for (String other : List.of("\"x\"", "x", "", tag.substring(1))) {
      RawResponse answer = send(container, "GET /-/console.js", "If-None-Match: " + other);
      assertThat(answer.status()).as(other).isEqualTo(200);
    }
  }

  /** An attacker can send a visitor a link to this page with any address in it. */
  @ParameterizedTest
  @EnumSource
  void theDiagnosisDialsItsOwnHostAndThoseThatAreNamed(Container container) {
    assertThat(policy(container, "Host: app.example:8443"))
        .contains(
            "; connect-src 'self' ws://app.example:8443 wss://app.example:8443 wss://cable.example;");
    assertThat(policy(container, "Accept: */*")).doesNotContain("ws:;").doesNotContain("ws: ");
  }

  private static String policy(Container container, String header) {
    return send(container, "GET /-/diagnosis", header)
        .header("Content-Security-Policy")
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void otherMethodsAreNotAllowed(Container container) {
    for (String path : List.of("/", "/-/console.js", "/-/health")) {
      for (String method : List.of("PUT", "DELETE", "POST", "OPTIONS", "TRACE")) {
        RawResponse answer = send(container, method + " " + path, "X-Secret: hush");

        assertThat(answer.text()).doesNotContain("hush");
        if (method.equals("TRACE")) {
          // The containers themselves refuse it.
          assertThat(answer.status()).as(path).isIn(403, 405);
        } else {
          assertThat(answer.status()).as(method + path).isEqualTo(405);
          assertThat(answer.text()).startsWith("{\"error\":");
          assertThat(answer.header("Allow")).hasValue("GET, HEAD");
        }
      }
    }
  }
}
