package cablestream.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EnvironmentFileTest {
  @Test
  void allOfItIsCommentedOut() {
    assertThat(lines()).filteredOn(Predicate.not(String::isEmpty)).allMatch(l -> l.startsWith("#"));
  }

  @Test
  void eachSettingIsThereAndSaysWhatIsInForceWithoutIt() {
    Map<String, String> variables =
        lines().stream()
            .filter(line -> line.startsWith("#CABLESTREAM_"))
            .map(line -> line.substring(1).split("=", 2))
            .filter(parts -> !parts[1].isEmpty())
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));

    assertThat(lines()).anyMatch(line -> line.equals("#CABLESTREAM_CABLE_URL="));
    variables.put("CABLESTREAM_CABLE_URL", "ws://127.0.0.1:3000/cable");
    assertThat(variables.keySet())
        .containsAll(
            Stream.concat(Settings.ALL.stream(), Settings.OF_PROCESS.settings().stream())
                .filter(setting -> setting.fallback() != null)
                .map(Setting::variable)
                .toList());
    Sources uncommented = new Sources(Map.of(), variables, Map.of());
    Sources bare =
        new Sources(
            Map.of("cablestream.cable.url", "ws://127.0.0.1:3000/cable"), Map.of(), Map.of());
    assertThat(Configuration.read(uncommented).limits())
        .isEqualTo(Configuration.read(bare).limits());
    assertThat(StandaloneSettings.read(uncommented)).isEqualTo(StandaloneSettings.read(bare));
  }

  private static List<String> lines() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(EnvironmentFile.print(null, new PrintStream(out, true, StandardCharsets.UTF_8)))
        .isTrue();
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
