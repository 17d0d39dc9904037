package cablestream.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.StandaloneBridge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Jazzer searches, guided by coverage, for inputs on which a target fails, by default {@code
 * -Dfuzz.seconds=3} for each. It writes them to target/fuzz; they become seeds.
 */
class FuzzIT {
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 3);
  private static final String OURS = "cablestream.cable.**:cablestream.http.**:cablestream.log.**";
  private static final Duration PATIENCE = Duration.ofSeconds(SECONDS + 120);

  @ParameterizedTest
  @EnumSource
  void noInputIsFoundThatATargetFailsOn(FuzzTarget target) throws IOException {
    Path corpus = Path.of("target", "fuzz", target.name()).toAbsolutePath();
    Files.createDirectories(corpus);
    List<String> command =
        List.of(
            StandaloneBridge.java(),
            "-Xmx512m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.className(),
            "--instrumentation_includes=" + OURS,
            "--custom_hook_includes=" + OURS,
            "--keep_going=1",
            "-max_total_time=" + SECONDS,
            "-max_len=4096",
            "-dict=" + Path.of("src/test/fuzz/json.dict").toAbsolutePath(),
            "-artifact_prefix=" + corpus.getParent() + "/" + target + "-",
            corpus.toString(),
            target.seeds().toAbsolutePath().toString());
    try (ChildProcess jazzer =
        ChildProcess.start(ChildProcess.newDirectory("fuzz"), Map.of(), command)) {
      assertThat(jazzer.awaitExit(PATIENCE)).as(jazzer::log).isZero();
      // Coverage was available.
      assertThat(jazzer.log()).containsPattern("DONE +cov: \\d{2,}");
      System.out.println(target + ": " + jazzer.log().lines().reduce("", (a, b) -> b));
    }
  }
}
