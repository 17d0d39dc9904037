package cablestream.bench.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * A word and named values: {@code open count=1000 kind=sse}. Values have no white space.
 *
 * @param word an order, or its outcome
 * @param values in the given order
 */
public record Line(String word, Map<String, String> values) {
  /** A line of a word only. */
  public static Line of(String word) {
    return new Line(word, new LinkedHashMap<>());
  }

  /** Adds a value; returns this same line. */
  public Line with(String name, Object value) {
    String text = String.valueOf(value);
    if (text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("white space in " + name + "=" + text);
    }
    values.put(name, text);
    return this;
  }

  /** Parses a line written by {@link #toString}. */
  public static Line parse(String text) {
    String[] words = text.strip().split(" +");
    Line line = of(words[0]);
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      line.values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    return line;
  }

  /** The value of a mandatory name. */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new NoSuchElementException(name + " is missing in " + this);
    }
    return value;
  }

  public int integer(String name) {
    return Integer.parseInt(text(name));
  }

  public long number(String name) {
    return Long.parseLong(text(name));
  }

  public double decimal(String name) {
    return Double.parseDouble(text(name));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(word);
    values.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
    return text.toString();
  }
}
