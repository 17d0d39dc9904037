package cablestream.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One thing that an operator can set.
 *
 * @param name without the prefix {@code cablestream.}
 * @param fallback the text of its default; null where the default is no fixed value
 * @param fallbackText what the table says of the default
 * @param allowed what a value may be, to be read after "allowed: "
 * @param range the same for the table, where room is scarce
 * @param meaning a sentence for the table
 * @param secret whether its value is never shown
 * @param reader makes a value of the text, or throws IllegalArgumentException
 */
public record Setting<T>(
    String name,
    String fallback,
    String fallbackText,
    String allowed,
    String range,
    String meaning,
    boolean secret,
    Function<String, T> reader) {

  /** What the table says of the default of a setting that must be set. */
  static final String REQUIRED = "must be set";

  static final String PREFIX = "cablestream.";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
  private static final String NONE = "none";

  /** The system property and the context parameter. */
  String fullName() {
    return PREFIX + name;
  }

  /** The environment variable. */
  String variable() {
    return fullName().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  boolean isRequired() {
    return fallbackText.equals(REQUIRED);
  }

  /** The same, with a default that is no fixed value. */
  Setting<T> withoutFallback(String text) {
    return new Setting<>(name, null, text, allowed, range, meaning, secret, reader);
  }

  /** The same, with what a value may be said in fewer words. */
  Setting<T> withRange(String text) {
    return new Setting<>(name, fallback, fallbackText, allowed, text, meaning, secret, reader);
  }

  /** The same, with a value that is never shown. */
  Setting<T> kept() {
    return new Setting<>(name, fallback, fallbackText, allowed, range, meaning, true, reader);
  }

  /** What may be shown of a value. */
  String shown(String text) {
    return secret ? "***" : SettingReader.withoutSecrets(text);
  }

  /** Any text that the reader takes. */
  static <T> Setting<T> of(
      String name, String fallback, String allowed, String meaning, Function<String, T> reader) {
    return new Setting<>(name, fallback, fallback, allowed, allowed, meaning, false, reader);
  }

  /** A whole number within bounds. */
  static Setting<Integer> count(String name, String fallback, int least, int most, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number",
        least + " to " + most,
        meaning,
        text -> {
          require(text.matches("\\d{1,9}"));
          int count = Integer.parseInt(text);
          require(count >= least && count <= most);
          return count;
        });
  }

  /** A duration within bounds. */
  static Setting<Duration> duration(
      String name, String fallback, String least, String most, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number with ms, s, m or h (like 500ms or 30s)",
        least + " to " + most,
        meaning,
        text -> {
          Duration duration = duration(text);
          require(duration.compareTo(duration(least)) >= 0);
          require(duration.compareTo(duration(most)) <= 0);
          return duration;
        });
  }

  /** A size in bytes within bounds. */
  static Setting<Long> size(
      String name, String fallback, String least, String most, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number with B, KiB, MiB or GiB (like 64KiB)",
        least + " to " + most,
        meaning,
        text -> {
          long size = size(text);
          require(size >= size(least) && size <= size(most));
          return size;
        });
  }

  /** On or off. */
  static Setting<Boolean> flag(String name, String fallback, String meaning) {
    return choice(name, fallback, "on", "off", meaning);
  }

  /** One of two words: true for the first. */
  static Setting<Boolean> choice(
      String name, String fallback, String first, String second, String meaning) {
    return of(
        name,
        fallback,
        first + " or " + second,
        meaning,
        text -> {
          require(text.equals(first) || text.equals(second));
          return text.equals(first);
        });
  }

  /** A list with commas, each part read on its own. */
  static Setting<List<String>> list(
      String name, String fallback, String each, String meaning, Function<String, ?> reader) {
    return of(
        name,
        fallback,
        "a list with commas, each " + each,
        meaning,
        text -> {
          List<String> parts = Stream.of(text.split(",", -1)).map(String::strip).toList();
          parts.forEach(reader::apply);
          return parts;
        });
  }

  /** The same, or {@code none} for an empty one. */
  Setting<T> orNone(T empty) {
    return new Setting<>(
        name,
        fallback,
        fallbackText,
        allowed + "; or none",
        range,
        meaning,
        secret,
        text -> text.equals(NONE) ? empty : reader.apply(text));
  }

  private static <T> Setting<T> bounded(
      String name,
      String fallback,
      String kind,
      String range,
      String meaning,
      Function<String, T> reader) {
    return of(name, fallback, kind + ", from " + range, meaning, reader).withRange(range);
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    require(matcher.matches());
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  private static long size(String text) {
    Matcher matcher = SIZE.matcher(text);
    require(matcher.matches());
    int shift = List.of("B", "KiB", "MiB", "GiB").indexOf(matcher.group(2)) * 10;
    return Long.parseLong(matcher.group(1)) << shift;
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
