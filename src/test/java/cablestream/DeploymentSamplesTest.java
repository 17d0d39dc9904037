package cablestream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import cablestream.config.Setting;
import cablestream.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The context files that we ship name every setting, each with its default. */
class DeploymentSamplesTest {
  private static final Pattern PARAMETER =
      Pattern.compile(
          "name=\"cablestream\\.([a-z.-]+)\" value=\"([^\"]*)\""
              + "|<Arg>cablestream\\.([a-z.-]+)</Arg>\\s*<Arg>([^<]*)</Arg>");

  @ParameterizedTest
  @ValueSource(strings = {"tomcat-context.xml", "src/deploy/jetty/cablestream.xml"})
  void aSampleNamesEverySettingWithItsDefaultOrAnExample(String file) throws IOException {
    Map<String, String> sample = read(Path.of(file));

    assertThat(sample.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Settings.ALL.stream().map(Setting::name).collect(Collectors.toSet()));
    for (Setting<?> setting : Settings.ALL) {
      String value = sample.get(setting.name());
      if (setting.fallback() == null) {
        assertThatCode(() -> setting.reader().apply(value)).doesNotThrowAnyException();
      } else {
        assertThat(value).as(setting.name()).isEqualTo(setting.fallback());
      }
    }
  }

  private static Map<String, String> read(Path file) throws IOException {
    Map<String, String> parameters = new TreeMap<>();
    Matcher matcher = PARAMETER.matcher(Files.readString(file));
    while (matcher.find()) {
      boolean isTomcat = matcher.group(1) != null;
      parameters.put(matcher.group(isTomcat ? 1 : 3), matcher.group(isTomcat ? 2 : 4));
    }
    return parameters;
  }
}
