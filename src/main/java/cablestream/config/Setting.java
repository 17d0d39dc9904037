package cablestream.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One setting, and everything that is published about it: the tables in docs, the samples for
 * Tomcat and Jetty, and {@code --settings} are generated from it or checked against it. Declared by
 * one chain of calls, then immutable.
 */
public final class Setting<T> {
  static final String PREFIX = "cablestream.";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
  private static final String NONE = "none";

  private final String name;
  private final String meaning;
  private final Function<String, T> reader;

  // Its default: a text that its reader accepts, or none.
  private String fallback;
  private String fallbackText;
  private boolean required;

  // The valid values, in full for error messages and in short for tables.
  private String allowed;
  private String range;

  private boolean secret;
  private String example;
  private Bound bound;

  /**
   * A limit.
   *
   * @param what what the setting limits
   * @param then what happens at the limit
   */
  public record Bound(String what, String then) {}

  private Setting(String name, String meaning, Function<String, T> reader) {
    this.name = name;
    this.meaning = meaning;
    this.reader = reader;
  }

  /** The name without the prefix {@code cablestream.}. */
  public String name() {
    return name;
  }

  /** The name of the system property and the context parameter. */
  public String fullName() {
    return PREFIX + name;
  }

  /** The name of the environment variable. */
  public String variable() {
    return fullName().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The meaning, in sentences that stand alone. */
  public String meaning() {
    return meaning;
  }

  /** The text of its default; null if the default isn't a fixed value. */
  public String fallback() {
    return fallback;
  }

  /** Its default in words. */
  public String fallbackText() {
    return fallbackText;
  }

  public boolean isRequired() {
    return required;
  }

  /** The valid values, to be read after "allowed: ". */
  public String allowed() {
    return allowed;
  }

  /** The valid values in short, for tables. */
  public String range() {
    return range;
  }

  /** A value for samples: its default if there is one, otherwise an example. */
  public String example() {
    return fallback == null ? example : fallback;
  }

  /** What it limits; null for nothing. */
  public Bound bound() {
    return bound;
  }

  /**
   * Parses a value.
   *
   * @throws IllegalArgumentException if the text is invalid
   */
  public T parse(String text) {
    return reader.apply(text);
  }

  /** The value as it may be printed. */
  String shown(String text) {
    return secret ? "***" : withoutSecrets(text);
  }

  /**
   * The text without secrets: a URL may contain a password or a token. Also in an invalid URL,
   * whose password contains / or @. With ? before @, either may hold the secret: both are hidden.
   */
  public static String withoutSecrets(String text) {
    return text.replaceAll("//[^?]*@", "//***@")
        .replaceAll("//.*\\?.*@.*", "//***")
        .replaceAll("\\?.*", "?***");
  }

  // ---- declaration ----

  /** Any text that the reader accepts. */
  static <T> Setting<T> of(
      String name, String fallback, String allowed, String meaning, Function<String, T> reader) {
    Setting<T> setting = new Setting<>(name, meaning, reader);
    setting.fallback = fallback;
    setting.fallbackText = fallback;
    setting.allowed = allowed;
    setting.range = allowed;
    return setting;
  }

  /** A whole number within bounds. */
  static Setting<Integer> count(String name, String fallback, int min, int max, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number",
        min + " to " + max,
        meaning,
        text -> {
          require(text.matches("\\d{1,9}"));
          int count = Integer.parseInt(text);
          require(count >= min && count <= max);
          return count;
        });
  }

  /** A duration within bounds. */
  static Setting<Duration> duration(
      String name, String fallback, String min, String max, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number with ms, s, m or h (like 500ms or 30s)",
        min + " to " + max,
        meaning,
        text -> {
          Duration duration = duration(text);
          require(duration.compareTo(duration(min)) >= 0);
          require(duration.compareTo(duration(max)) <= 0);
          return duration;
        });
  }

  /** A size in bytes within bounds. */
  static Setting<Long> size(String name, String fallback, String min, String max, String meaning) {
    return bounded(
        name,
        fallback,
        "a whole number with B, KiB, MiB or GiB (like 64KiB)",
        min + " to " + max,
        meaning,
        text -> {
          long size = size(text);
          require(size >= size(min) && size <= size(max));
          return size;
        });
  }

  /** On or off. */
  static Setting<Boolean> flag(String name, String fallback, String meaning) {
    return choice(name, fallback, "on", "off", meaning);
  }

  /** One of two words; true for the first. */
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

  /** A comma-separated list; each item is validated. */
  static Setting<List<String>> list(
      String name, String fallback, String each, String meaning, Function<String, ?> check) {
    return of(
        name, fallback, "a list with commas, each " + each, meaning, text -> parts(text, check));
  }

  /** A comma-separated list, or {@code none} for an empty one. */
  static Setting<List<String>> listOrNone(
      String name, String fallback, String each, String meaning, Function<String, ?> check) {
    return of(
        name,
        fallback,
        "a list with commas, each " + each + "; or none",
        meaning,
        text -> text.equals(NONE) ? List.of() : parts(text, check));
  }

  /** Sets a default that isn't a fixed value, and an example for samples. */
  Setting<T> withFallback(String text, String example) {
    this.fallback = null;
    this.fallbackText = text;
    this.example = example;
    return this;
  }

  /** No default: it must be set. */
  Setting<T> required(String example) {
    this.required = true;
    return withFallback("must be set", example);
  }

  /** Sets the short form of the valid values. */
  Setting<T> withRange(String text) {
    this.range = text;
    return this;
  }

  /** Never prints its value. */
  Setting<T> secret() {
    this.secret = true;
    return this;
  }

  /** Sets what it limits, for docs/limits.md. */
  Setting<T> limits(String what, String then) {
    this.bound = new Bound(what, then);
    return this;
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

  private static List<String> parts(String text, Function<String, ?> check) {
    List<String> parts = Stream.of(text.split(",", -1)).map(String::strip).toList();
    parts.forEach(check::apply);
    return parts;
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
