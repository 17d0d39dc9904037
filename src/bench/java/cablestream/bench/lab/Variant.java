package cablestream.bench.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One of several ways to start the bridge that are measured side by side.
 *
 * @param name in the results
 * @param java the home directory of its JDK
 * @param war the WAR to run
 * @param flags of the virtual machine, after all others
 */
public record Variant(String name, Path java, Path war, List<String> flags) {
  private static final Path BUILT = Path.of("target", "cablestream.war");

  /** As src/deploy starts it, on the JDK that runs the benchmark. */
  static final Variant PLAIN = new Variant(JarBridge.KEY, ownJava(), BUILT, List.of());

  /**
   * Reads {@code NAME=[JAVA_HOME] [FILE.war] [FLAG...]; ...}.
   *
   * @throws IllegalArgumentException if one has no name, or two have the same
   */
  public static List<Variant> parse(String text) {
    if (text.isBlank()) {
      return List.of(PLAIN);
    }
    List<Variant> all = Stream.of(text.split(";")).map(Variant::one).toList();
    if (all.stream().map(Variant::name).distinct().count() < all.size()) {
      throw new IllegalArgumentException("two variants have the same name: " + text);
    }
    return all;
  }

  private static Variant one(String text) {
    int end = text.indexOf('=');
    if (end <= 0 || text.substring(0, end).isBlank() || text.strip().startsWith("-")) {
      throw new IllegalArgumentException("a variant is NAME=JAVA_HOME FLAGS, not " + text);
    }
    String name = text.substring(0, end).strip();
    Path java = ownJava();
    Path war = BUILT;
    List<String> flags = new ArrayList<>();
    for (String word : text.substring(end + 1).strip().split("\\s+")) {
      if (word.startsWith("-")) {
        flags.add(word);
      } else if (word.endsWith(".war")) {
        war = Path.of(word);
      } else if (!word.isEmpty()) {
        java = Path.of(word);
      }
    }
    return new Variant(name, java, war, List.copyOf(flags));
  }

  private static Path ownJava() {
    return Path.of(System.getProperty("java.home"));
  }
}
