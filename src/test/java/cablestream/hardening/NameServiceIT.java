package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.ChildProcess;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Names that resemble addresses, where each name look-up would block for ever. */
class NameServiceIT {
  private static final List<String> HEADERS =
      List.of(
          "Host: 888.8.8.8",
          "Host: a\r\nX-Real-IP: 999.9.9.9",
          "Host: a\r\nX-Forwarded-For: 999.9.9.9, 127.0.0.1",
          "Host: a\r\nX-Forwarded-Host: 777.7.7.7",
          "Host: a\r\nOrigin: http://666.6.6.6");

  @ParameterizedTest
  @EnumSource(names = {"JAVA_JAR", "JETTY", "TOMCAT"})
  void noNameThatACallerSendsIsLookedUp(Place place) throws Exception {
    // A pipe without a writer: opening it blocks.
    String names = "-Djdk.net.hosts.file=" + pipe();
    try (Besieged besieged = place.start(256, Map.of(), names);
        Mob mob = new Mob(besieged.site())) {
      for (int i = 0; i < 300; i++) {
        String path = besieged.site().path() + (i % 2 == 0 ? "/-/health" : "/" + "x".repeat(20));
        String headers = HEADERS.get(i % HEADERS.size());
        mob.member("GET " + path + "?timeout=0 HTTP/1.1\r\n" + headers + "\r\n\r\n").go();
      }
      mob.awaitSaid(Duration.ofSeconds(10));

      assertThat(Visitor.of(besieged.site()).poll("timeout=0").status()).isEqualTo(200);
    }
  }

  private static Path pipe() throws IOException, InterruptedException {
    Path pipe = ChildProcess.newDirectory("names").resolve("hosts");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }
}
