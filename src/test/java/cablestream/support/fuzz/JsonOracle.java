package cablestream.support.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** JSON (RFC 8259) as Jackson reads it, over the JDK's decoder of UTF-8. */
public final class JsonOracle {
  private static final int ANY = Integer.MAX_VALUE;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ANY)
                  .maxNumberLength(ANY)
                  .maxStringLength(ANY)
                  .maxNameLength(ANY)
                  .build())
          .build();

  private final String text;
  private final JsonParser parser;

  /**
   * A value.
   *
   * @param token how it begins
   * @param scalar a string decoded; a number, true, false or null as it is written
   * @param parts of an array or an object
   * @param source the value as it is written, with all its white space
   */
  public record Value(JsonToken token, String scalar, List<Member> parts, String source) {
    public boolean isObject() {
      return token == JsonToken.START_OBJECT;
    }

    public boolean isArray() {
      return token == JsonToken.START_ARRAY;
    }

    public boolean isString() {
      return token == JsonToken.VALUE_STRING;
    }

    /** The last member of that name, which is the one that counts; null where there is none. */
    public Value member(String name) {
      Value found = null;
      for (Member member : parts) {
        found = member.name.equals(name) ? member.value : found;
      }
      return found;
    }

    /** Arrays and objects inside one another, this one included. */
    public int depth() {
      int inner = parts.stream().mapToInt(part -> part.value.depth()).max().orElse(0);
      return isObject() || isArray() ? inner + 1 : 0;
    }

    /** Whether an object in it has two members of one name. */
    public boolean hasDuplicates() {
      Set<String> names = new HashSet<>();
      return parts.stream()
          .anyMatch(part -> isObject() && !names.add(part.name) || part.value.hasDuplicates());
    }

    /** Without white space, its strings as JSON.stringify writes them, its numbers untouched. */
    public String compact() {
      if (isString()) {
        return quoted(scalar);
      }
      if (!isObject() && !isArray()) {
        return scalar;
      }
      List<String> inner =
          parts.stream()
              .map(part -> (isObject() ? quoted(part.name) + ":" : "") + part.value.compact())
              .toList();
      return (isObject() ? "{" : "[") + String.join(",", inner) + (isObject() ? "}" : "]");
    }
  }

  /** A member of an object, or, without a name, an element of an array. */
  public record Member(String name, Value value) {}

  /** The only value that these bytes are; null where they aren't JSON in UTF-8. */
  public static Value read(byte[] bytes) {
    String text = text(bytes);
    // A byte order mark is no white space (RFC 8259, section 8.1).
    if (text == null || text.startsWith("\uFEFF") || !areEscapesAscii(text)) {
      return null;
    }
    // Not as bytes: then Jackson refuses half a surrogate pair in a name, though it is escaped.
    try (JsonParser parser = JSON.createParser(new StringReader(text))) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return null;
      }
      Value value = new JsonOracle(text, parser).value(first);
      return parser.nextToken() == null ? value : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** The text that these bytes are in UTF-8; null where they are none. */
  public static String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * Of the characters of an escape Jackson looks at eight bits only, and takes a U+0165 for an e.
   */
  private static boolean areEscapesAscii(String text) {
    for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
      if (text.startsWith("u", at + 1)) {
        String digits = text.substring(at + 2, Math.min(text.length(), at + 6));
        if (!digits.chars().allMatch(digit -> digit < 0x80)) {
          return false;
        }
      }
    }
    return true;
  }

  private JsonOracle(String text, JsonParser parser) {
    this.text = text;
    this.parser = parser;
  }

  private Value value(JsonToken token) throws IOException {
    int from = (int) parser.currentTokenLocation().getCharOffset();
    List<Member> parts = new ArrayList<>();
    String scalar = null;
    switch (token) {
      case START_ARRAY -> {
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          parts.add(new Member("", value(next)));
        }
      }
      case START_OBJECT -> {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parts.add(new Member(name, value(parser.nextToken())));
        }
      }
      // Jackson reads a string when it is asked for it.
      default -> scalar = parser.getText();
    }
    int to = (int) parser.currentLocation().getCharOffset();
    // After a number that isn't in anything, Jackson has read on.
    String source = text.substring(from, to).stripTrailing();
    return new Value(token, scalar, parts, source);
  }

  /** ECMA-262, QuoteJSONString, by way of JSON's escapes for what isn't a character. */
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            point -> {
              int at = "\"\\\b\f\n\r\t".indexOf(point);
              if (at >= 0) {
                out.append('\\').append("\"\\bfnrt".charAt(at));
              } else if (point < ' ' || point >= 0xD800 && point <= 0xDFFF) {
                out.append(String.format("\\u%04x", point));
              } else {
                out.appendCodePoint(point);
              }
            });
    return out.append('"').toString();
  }
}
