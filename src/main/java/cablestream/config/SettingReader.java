package cablestream.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads settings from their sources and collects all problems, so that an operator sees them at
 * once.
 */
public final class SettingReader {
  private final Sources sources;
  private final Map<Setting<?>, Object> read = new HashMap<>();
  private final List<Value> values = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * One setting in force.
   *
   * @param text its value without passwords and tokens
   * @param where its source
   */
  public record Value(String name, String text, String where) {}

  SettingReader(Sources sources) {
    this.sources = sources;
  }

  /** Reads the setting, and remembers its value or its problem. */
  <T> void read(Setting<T> setting) {
    Sources.Found found = sources.find(setting);
    if (found != null) {
      read(setting, found);
    } else if (setting.isRequired()) {
      problems.add(
          ("%s must be set, as a system property, as the environment variable %s"
                  + " or as a context parameter; allowed: %s")
              .formatted(setting.fullName(), setting.variable(), setting.allowed()));
    } else {
      values.add(new Value(setting.name(), setting.fallbackText(), "default"));
      if (setting.fallback() != null) {
        read.put(setting, setting.parse(setting.fallback()));
      }
    }
  }

  private <T> void read(Setting<T> setting, Sources.Found found) {
    String shown = setting.shown(found.text());
    values.add(new Value(setting.name(), shown, found.where()));
    try {
      read.put(setting, setting.parse(found.text()));
    } catch (IllegalArgumentException e) {
      problems.add(
          "%s is invalid: \"%s\" (%s); allowed: %s"
              .formatted(setting.fullName(), shown, found.where(), setting.allowed()));
    }
  }

  /** The value of a setting that is present. */
  <T> T value(Setting<T> setting) {
    return Objects.requireNonNull(value(setting, null), setting.name());
  }

  /** The value, or {@code otherwise} if it isn't set. */
  @SuppressWarnings("unchecked") // read() stores what the setting's own reader returned
  <T> T value(Setting<T> setting, T otherwise) {
    return (T) read.getOrDefault(setting, otherwise);
  }

  /** Requires that the first is at most the second. */
  <T extends Comparable<T>> void requireOrder(Setting<T> less, Setting<T> more) {
    T low = value(less, null);
    T high = value(more, null);
    if (low != null && high != null && low.compareTo(high) > 0) {
      problems.add("%s must not be more than %s".formatted(less.fullName(), more.fullName()));
    }
  }

  /** Requires the second if the first is set. */
  void requireBoth(Setting<?> first, Setting<?> second) {
    if (value(first, null) != null && value(second, null) == null) {
      problems.add("%s must be set with %s".formatted(second.fullName(), first.fullName()));
    }
  }

  /**
   * Requires that the value is at most a part of this virtual machine.
   *
   * @param part describes the limit, for example "half of the heap"
   */
  void requireAtMost(Setting<Long> setting, long max, String part) {
    Long size = value(setting, null);
    if (size != null && size > max) {
      problems.add(
          "%s must not be more than %s, which is %d MiB"
              .formatted(setting.fullName(), part, max >> 20));
    }
  }

  /** Adds a warning about a valid value that is probably a mistake. */
  void warn(String warning) {
    warnings.add(warning);
  }

  /**
   * Looks for unknown names with the bridge's prefix, which are probably misspelled.
   *
   * @param ofProcess settings that a web application can't have, so not as context parameters
   */
  void checkNames(List<Setting<?>> settings, List<Setting<?>> ofProcess) {
    List<Setting<?>> all = Stream.concat(settings.stream(), ofProcess.stream()).toList();
    Set<String> parameters = settings.stream().map(Setting::fullName).collect(Collectors.toSet());
    Set<String> names = all.stream().map(Setting::fullName).collect(Collectors.toSet());
    Set<String> variables = all.stream().map(Setting::variable).collect(Collectors.toSet());
    unknown(sources.properties(), Setting.PREFIX, names)
        .forEach(name -> problems.add(unknown("system property", name, names)));
    unknown(sources.parameters(), Setting.PREFIX, parameters)
        .forEach(name -> problems.add(unknown("context parameter", name, parameters)));
    // Kubernetes sets some if a service is called cablestream.
    unknown(sources.environment(), "CABLESTREAM_", variables)
        .forEach(name -> warnings.add(unknown("environment variable", name, variables)));
    variables.stream()
        .filter(sources::isOfKubernetes)
        .forEach(
            name -> warnings.add(name + " is ignored: Kubernetes made it of a service's name"));
  }

  /**
   * @throws InvalidConfigurationException if there were problems
   */
  void finish() {
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(String.join("\n", problems));
    }
  }

  List<Value> values() {
    return values;
  }

  List<String> warnings() {
    return warnings;
  }

  private static Stream<String> unknown(
      Map<String, String> source, String prefix, Set<String> known) {
    return source.keySet().stream()
        .filter(name -> name.startsWith(prefix) && !known.contains(name))
        .sorted();
  }

  private static String unknown(String kind, String name, Set<String> known) {
    String nearest = known.stream().min(Comparator.comparingInt(k -> distance(k, name))).get();
    return "unknown %s %s; the nearest is %s".formatted(kind, name, nearest);
  }

  /** The number of characters to insert, delete or replace (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
