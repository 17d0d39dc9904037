package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packages, and which of them may import which:
 *
 * <pre>
 *   http ──▶ session ──▶ protocol ──▶ delivery ──▶ log
 *     │         │           └────▶ cable ◀── cable.jetty
 *     │         └────▶ browser, environment, which the packages between may import, too
 *     └──▶ http.relay ──▶ cluster: which of several nodes has a session
 *
 *   http, its servlets ──▶ http.pages, http.relay ──▶ http.response ──▶ http.request
 *
 *   config, metrics, echo, standalone at the edges; Bootstrap and CableCheck assemble them
 * </pre>
 *
 * Each may reserve memory in the account ({@code memory}), and use {@code concurrent} and {@code
 * text}.
 */
class ImportsTest {
  private static final Path SOURCES = Path.of("src/main/java/cablestream");

  /**
   * @param folder of the package
   * @param knows our other packages whose classes it may import
   * @param libraries that it may import in addition to the JDK
   */
  private record Room(String folder, Set<String> knows, Set<String> libraries) {
    boolean mayImport(String name) {
      return Stream.concat(
              Stream.concat(knows.stream(), Stream.of(folder.replace('/', '.'), "text"))
                  .map(room -> "cablestream." + room + "."),
              Stream.concat(
                  libraries.stream(), Stream.of("java.", "javax.", "com.sun.management.")))
          .anyMatch(prefix -> isIn(name, prefix));
    }

    /** One of our packages matches only itself, not the packages below it. */
    private static boolean isIn(String name, String prefix) {
      return name.startsWith(prefix)
          && (!prefix.startsWith("cablestream.")
              || Character.isUpperCase(name.charAt(prefix.length())));
    }
  }

  private static final String LOG = "org.slf4j.";

  private static final List<Room> ROOMS =
      List.of(
          new Room("text", Set.of(), Set.of()),
          new Room("memory", Set.of(), Set.of()),
          new Room("concurrent", Set.of(), Set.of(LOG)),
          new Room("log", Set.of("memory"), Set.of()),
          new Room("echo", Set.of("memory", "concurrent"), Set.of()),
          new Room("cable", Set.of("memory", "concurrent", "echo"), Set.of(LOG)),
          new Room("outbound", Set.of(), Set.of("org.eclipse.jetty.")),
          new Room(
              "cable/jetty",
              Set.of("memory", "concurrent", "cable", "outbound"),
              Set.of(LOG, "org.eclipse.jetty.")),
          new Room("browser", Set.of("memory", "log", "cable"), Set.of()),
          new Room(
              "environment",
              Set.of("memory", "concurrent", "log", "cable", "browser"),
              Set.of(LOG)),
          new Room(
              "delivery",
              Set.of("memory", "concurrent", "log", "browser", "environment"),
              Set.of()),
          new Room(
              "protocol",
              Set.of("memory", "concurrent", "log", "cable", "browser", "environment", "delivery"),
              Set.of()),
          new Room(
              "session",
              Set.of(
                  "memory",
                  "concurrent",
                  "log",
                  "cable",
                  "browser",
                  "environment",
                  "delivery",
                  "protocol"),
              Set.of(LOG)),
          new Room("cluster", Set.of("memory", "concurrent"), Set.of(LOG, "redis.clients.jedis.")),
          new Room(
              "metrics",
              Set.of("memory", "browser", "environment", "session", "cable", "cluster"),
              Set.of("io.prometheus.metrics.")),
          new Room(
              "http/request",
              Set.of("memory", "concurrent", "log", "browser", "cable"),
              Set.of(LOG, "jakarta.")),
          new Room(
              "http/response",
              Set.of("memory", "concurrent", "log", "browser", "environment", "http.request"),
              Set.of(LOG, "jakarta.")),
          new Room(
              "http/pages",
              Set.of(
                  "concurrent",
                  "browser",
                  "session",
                  "metrics",
                  "echo",
                  "cluster",
                  "http.request",
                  "http.response"),
              Set.of(LOG, "jakarta.")),
          new Room(
              "http/relay",
              Set.of(
                  "memory",
                  "concurrent",
                  "browser",
                  "environment",
                  "session",
                  "cluster",
                  "outbound",
                  "http.request",
                  "http.response"),
              Set.of(LOG, "jakarta.servlet.", "org.eclipse.jetty.")),
          new Room(
              "http",
              Set.of(
                  "memory",
                  "concurrent",
                  "browser",
                  "environment",
                  "session",
                  "echo",
                  "http.request",
                  "http.response",
                  "http.relay",
                  "http.pages"),
              Set.of(LOG, "jakarta.")),
          new Room(
              "config",
              Set.of(
                  "memory",
                  "concurrent",
                  "browser",
                  "environment",
                  "session",
                  "cable",
                  "cluster",
                  "http.request"),
              Set.of("jakarta.servlet.")));

  static List<Room> rooms() {
    return ROOMS;
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomKnowsThoseOnly(Room room) throws IOException {
    assertThat(imports(room.folder(), 1)).allMatch(each -> room.mayImport(each.name()));
  }

  @Test
  void ofTheServersSideTheOtherKnowsOnlyWhatADialSends() throws IOException {
    assertThat(imports("http", 2))
        .filteredOn(each -> each.name().startsWith("cablestream.cable."))
        .allMatch(each -> each.name().startsWith("cablestream.cable.DialRequest"));
  }

  @Test
  void nobodyKnowsTheStandaloneServerAndItsMainClassKnowsNothing() throws IOException {
    for (Room room : ROOMS) {
      assertThat(imports(room.folder(), 1))
          .noneMatch(each -> each.name().startsWith("cablestream.standalone"));
    }
    assertThat(imports("standalone", 1)).allMatch(each -> each.name().startsWith("java."));
  }

  private record Import(Path file, String name) {}

  /** All imports in the folder. */
  private static List<Import> imports(String folder, int depth) throws IOException {
    List<Import> imports = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES.resolve(folder), depth)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("import ")) {
            String name = line.replaceFirst("^import (static )?", "");
            imports.add(new Import(file.getFileName(), name));
          }
        }
      }
    }
    assertThat(imports).isNotEmpty();
    return imports;
  }
}
