package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms of the house: imports go one way, http to session (and metrics), cable to session. */
class ImportsTest {
  private static final Path SOURCES = Path.of("src/main/java/cablestream");

  @Test
  void theSessionKnowsNeitherNeighbourNorTheirLibraries() throws IOException {
    assertThat(imports("session"))
        .noneMatch(line -> line.contains("cablestream.http") || line.contains("cablestream.cable"))
        .noneMatch(line -> line.contains("jakarta.") || line.contains("org.eclipse."));
  }

  @Test
  void theTwoSidesDoNotKnowEachOther() throws IOException {
    assertThat(imports("http")).noneMatch(line -> line.contains("cablestream.cable"));
    assertThat(imports("cable")).noneMatch(line -> line.contains("cablestream.http"));
  }

  @Test
  void nobodyBelowKnowsBootstrapAndConfiguration() throws IOException {
    for (String room : List.of("session", "http", "cable", "metrics")) {
      assertThat(imports(room)).noneMatch(line -> line.matches(".* cablestream\\.[A-Z].*"));
    }
  }

  @Test
  void theMetricsHearOfTheSessionAndKnowNeitherSide() throws IOException {
    assertThat(imports("metrics"))
        .noneMatch(line -> line.contains("cablestream.http") || line.contains("cablestream.cable"))
        .noneMatch(line -> line.contains("jakarta.") || line.contains("org.eclipse."));
    for (String room : List.of("session", "http", "cable")) {
      assertThat(imports(room)).noneMatch(line -> line.contains("io.prometheus"));
    }
    for (String room : List.of("session", "cable")) {
      assertThat(imports(room)).noneMatch(line -> line.contains("cablestream.metrics"));
    }
  }

  @Test
  void servletsStayInHttp() throws IOException {
    assertThat(imports("cable")).noneMatch(line -> line.contains("jakarta.servlet"));
  }

  @Test
  void jettyStaysBehindItsSocket() throws IOException {
    assertThat(imports("http")).noneMatch(line -> line.contains("org.eclipse.jetty"));
    assertThat(imports("cable"))
        .filteredOn(line -> line.contains("org.eclipse.jetty"))
        .allMatch(line -> line.startsWith("Jetty"));
  }

  @Test
  void nobodyKnowsTheStandaloneServerAndItsMainClassKnowsNothing() throws IOException {
    for (String room : List.of("session", "http", "cable", "metrics")) {
      assertThat(imports(room)).noneMatch(line -> line.contains("cablestream.standalone"));
    }
    List<String> ofMainClass = imports("standalone");
    ofMainClass.removeAll(imports("standalone/server"));
    assertThat(ofMainClass).isNotEmpty().allMatch(line -> line.contains("import java."));
  }

  @Test
  void theEchoKnowsTheSessionsMailboxAndNeitherSide() throws IOException {
    assertThat(imports("echo"))
        .allMatch(line -> line.matches(".* (java|cablestream.(session|memory))\\..*"));
  }

  @Test
  void theAccountKnowsNobody() throws IOException {
    assertThat(imports("memory")).allMatch(line -> line.contains(" java."));
  }

  /** Every import below the folder, each after its file's name. */
  private static List<String> imports(String room) throws IOException {
    List<String> imports = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES.resolve(room))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("import ")) {
            imports.add(file.getFileName() + ": " + line);
          }
        }
      }
    }
    assertThat(imports).isNotEmpty();
    return imports;
  }
}
