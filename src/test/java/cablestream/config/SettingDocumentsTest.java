package cablestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents and samples describe each setting as its declaration in {@link Settings} does. With
 * {@code -Ddocuments=write} this test writes those parts instead of comparing them.
 */
class SettingDocumentsTest {
  private static final int WIDTH = 100;

  private enum Part {
    MOST_USED("docs/settings.md", "most used settings", SettingDocumentsTest::maxUsed),
    ALL("docs/settings.md", "settings", SettingDocumentsTest::tables),
    LIMITS("docs/limits.md", "settings", SettingDocumentsTest::limits),
    TOMCAT("tomcat-context.xml", "settings", SettingDocumentsTest::tomcat),
    JETTY("src/deploy/jetty/cablestream.xml", "settings", SettingDocumentsTest::jetty);

    private final Path file;
    private final String name;
    private final Supplier<String> text;

    Part(String file, String name, Supplier<String> text) {
      this.file = Path.of(file);
      this.name = name;
      this.text = text;
    }
  }

  /** The settings to consider for a first installation. */
  private static final List<Setting<?>> MOST_USED =
      List.of(
          Settings.CABLE_URL,
          Settings.HTTP_HOST,
          Settings.HTTP_PATH,
          Settings.ALLOWED_ORIGINS,
          Settings.OPERATOR_TOKEN,
          Settings.MAX_SESSIONS);

  static Part[] parts() {
    return Part.values();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void aDocumentSaysWhatTheDeclarationsSay(Part part) throws IOException {
    String document = Files.readString(part.file);
    int begin = document.indexOf("<!-- " + part.name + ":");
    int from = document.indexOf("-->\n", begin) + "-->\n".length();
    int to = document.lastIndexOf('\n', document.indexOf("<!-- /" + part.name + " -->")) + 1;
    assertThat(begin).isNotNegative();
    if (System.getProperty("documents", "").equals("write")) {
      String written = document.substring(0, from) + part.text.get() + document.substring(to);
      Files.writeString(part.file, written);
    } else {
      assertThat(document.substring(from, to)).isEqualTo(part.text.get());
    }
  }

  @Test
  void aGroupIsSmallEnoughToBeReadAtAGlance() {
    assertThat(Settings.GROUPS)
        .allSatisfy(group -> assertThat(group.settings()).hasSizeBetween(1, 8));
  }

  @Test
  void anExampleIsValid() {
    for (Setting<?> setting : Settings.ALL) {
      assertThatCode(() -> setting.parse(setting.example()))
          .as(setting.name())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void aMeaningStandsAlone() {
    for (Setting<?> setting : all()) {
      assertThat(setting.meaning())
          .as(setting.name())
          .matches("[A-Z0-9].*\\.")
          .doesNotContain("--");
    }
  }

  private static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(Settings.ALL);
    all.addAll(Settings.OF_PROCESS.settings());
    return all;
  }

  // ---- docs/settings.md ----

  private static String maxUsed() {
    return "\n" + table(MOST_USED) + "\n";
  }

  private static String tables() {
    return Stream.concat(Settings.GROUPS.stream(), Stream.of(Settings.OF_PROCESS))
        .map(group -> "\n## " + group.title() + "\n\n" + table(group.settings()))
        .collect(Collectors.joining("", "", "\n"));
  }

  private static String table(List<Setting<?>> settings) {
    StringBuilder table =
        new StringBuilder("| setting, environment variable | default | allowed | meaning |\n");
    table.append("|---|---|---|---|\n");
    for (Setting<?> setting : settings) {
      table.append(
          "| `%s`<br>`%s` | %s | %s | %s |\n"
              .formatted(
                  setting.name(),
                  setting.variable(),
                  setting.fallbackText(),
                  setting.range(),
                  setting.meaning()));
    }
    return table.toString();
  }

  // ---- docs/limits.md ----

  private static String limits() {
    StringBuilder table = new StringBuilder("\n| setting | what it limits | at the limit |\n");
    table.append("|---|---|---|\n");
    for (Setting<?> setting : Settings.ALL) {
      if (setting.bound() != null) {
        Setting.Bound bound = setting.bound();
        table.append("| `%s` | %s | %s |\n".formatted(setting.name(), bound.what(), bound.then()));
      }
    }
    return table.append("\n").toString();
  }

  // ---- the samples ----

  private static String tomcat() {
    return sample(
        "<Parameter name=\"cablestream.%s\" value=\"%s\" override=\"false\"/>"::formatted);
  }

  private static String jetty() {
    return sample(
        "<Call name=\"setInitParameter\"><Arg>cablestream.%s</Arg><Arg>%s</Arg></Call>"::formatted);
  }

  private static String sample(BiFunction<String, String, String> line) {
    StringBuilder sample = new StringBuilder();
    for (Settings.Group group : Settings.GROUPS) {
      sample.append("\n  <!-- ==== %s ==== -->\n".formatted(group.title()));
      for (Setting<?> setting : group.settings()) {
        String set = line.apply(setting.name(), setting.example());
        sample.append('\n').append(comment(setting));
        sample.append(setting.isRequired() ? "  " + set + "\n" : "  <!-- " + set + " -->\n");
      }
    }
    return sample.toString();
  }

  /** The meaning, wrapped, and the default if the line below shows only an example. */
  private static String comment(Setting<?> setting) {
    String fallback =
        setting.fallback() == null && !setting.isRequired()
            ? " Default: " + setting.fallbackText() + "."
            : "";
    StringBuilder comment = new StringBuilder();
    StringBuilder line = new StringBuilder("  <!--");
    for (String word : (setting.meaning() + fallback + " -->").split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        comment.append(line).append('\n');
        line = new StringBuilder("      ");
      }
      line.append(' ').append(word);
    }
    return comment.append(line).append('\n').toString();
  }
}
