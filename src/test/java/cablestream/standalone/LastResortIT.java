package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that can't continue ends, so that it is started again. */
class LastResortIT {
  /** The attacker catches the error repeatedly, on a thread of a pool. */
  @ParameterizedTest
  @CsvSource({
    "UseSerialGC, small",
    "UseParallelGC, large",
    "UseG1GC, small",
    "UseG1GC, at once",
    "UseZGC, small",
  })
  void whereItsHeapIsFullTheProcessEnds(String collector, String attack) {
    try (StandaloneBridge bridge = start("-Xmx64m", "-XX:+" + collector, attack)) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(LastResort.OUT_OF_MEMORY);
      assertThat(bridge.process().log())
          .contains("event=listening", "Terminating due to java.lang.OutOfMemoryError");
    }
  }

  /** For threads and buffers, which the virtual machine's option doesn't cover. */
  @ParameterizedTest
  @ValueSource(strings = {"logged", "not caught"})
  void afterAnotherOutOfMemoryErrorTheProcessEndsAndSaysSo(String attack) {
    try (StandaloneBridge bridge = start("-Xmx64m", "-XX:+UseSerialGC", attack)) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(LastResort.OUT_OF_MEMORY);
      assertThat(bridge.process().log())
          .contains("event=listening", "event=out_of_memory the process exits with 3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UseSerialGC", "UseParallelGC", "UseG1GC"})
  void aHeapThatIsNearlyFullIsNoReason(String collector) {
    try (StandaloneBridge bridge = start("-Xmx64m", "-XX:+" + collector, "almost")) {
      bridge.process().await(0, Pattern.compile("> alive"), PATIENCE);
      assertThat(bridge.process().log()).doesNotContain("OutOfMemory", "event=out_of_memory");
      assertThat(bridge.process().isAlive()).isTrue();
    }
  }

  @Test
  void theManifestOpensNothing() throws IOException {
    try (JarFile war = new JarFile(Bridge.WAR.toFile())) {
      assertThat(war.getManifest().getMainAttributes().getValue("Add-Opens")).isNull();
    }
  }

  @Test
  void aHeapThatIsTooSmallIsSaidInALine() {
    try (StandaloneBridge bridge = start("-Xmx32m", "-XX:+UseSerialGC", "almost")) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(bridge.process().log().lines())
          .singleElement()
          .asString()
          .contains("event=bad_configuration the heap may have 30 MiB; the least is 64: -Xmx64m");
    }
  }

  /** A drain waits for a timer; without timers it would wait for ever. */
  @Test
  @EnabledForJreRange(max = JRE.JAVA_19) // later versions can't suspend a thread
  void sigtermEndsAProcessWhoseTimersAreGone() {
    try (StandaloneBridge bridge = start("-Xmx64m", "-XX:+UseSerialGC", "no timers")) {
      bridge.process().await(0, Pattern.compile("> alive"), PATIENCE);

      bridge.process().terminate();

      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(bridge.process().log()).contains("event=drain_failed");
    }
  }

  @Test
  void sigtermEndsAProcessInWhichAPartWillNotStop() {
    try (StandaloneBridge bridge = start("-Xmx64m", "-XX:+UseSerialGC", "won't stop")) {
      bridge.process().await(0, Pattern.compile("> alive"), PATIENCE);

      bridge.process().terminate();

      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(bridge.process().log()).contains("event=stop_overdue");
    }
  }

  private static StandaloneBridge start(String heap, String collector, String attack) {
    Path tests = Path.of("target", "test-classes").toAbsolutePath();
    List<String> command = new ArrayList<>(List.of(StandaloneBridge.java(), heap, collector));
    command.addAll(
        List.of(
            StandaloneBridge.EXITS,
            "-Djava.io.tmpdir=.",
            "-Dcablestream.cable.url=ws://127.0.0.1:9/cable",
            "-Dcablestream.http.port=0",
            "-Dcablestream.warm-up=0s",
            "-Dcablestream.drain.notice=100ms",
            "-Dcablestream.drain.timeout=1s",
            "-cp",
            Bridge.WAR.toAbsolutePath() + File.pathSeparator + tests,
            WhatEndsIt.class.getName(),
            attack));
    return StandaloneBridge.run(Map.of(), command);
  }
}
