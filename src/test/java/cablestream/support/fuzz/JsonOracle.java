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

/** JSON (RFC 8259) as parsed by Jackson, with the JDK's UTF-8 decoder. */
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
   * @param token its first token
   * @param scalar a decoded string; a number, true, false or null as written
   * @param parts of an array or an object
   * @param source the value as written, with all its white space
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

    /** The last member of that name, which is the one that counts; null if there is none. */
    public Value member(String name) {
      Value found = null;
      for (Member member : parts) {
        found = member.name.equals(name) ? member.value : found;
      }
      return found;
    }

    /** The nesting depth of arrays and objects, including this one. */
    public int depth() {
      int inner = parts.stream().mapToInt(part -> part.value.depth()).max().orElse(0);
      return isObject() || isArray() ? inner + 1 : 0;
    }

    /** Whether an object in it has two members of the same name. */
    public boolean hasDuplicates() {
      Set<String> names = new HashSet<>();
      return parts.stream()
          .anyMatch(part -> isObject() && !names.add(part.name) || part.value.hasDuplicates());
    }

    /** Without white space, its strings as JSON.stringify writes them, its numbers unchanged. */
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

  /** A member of an object, or an element of an array, which has no name. */
  public record Member(String name, Value value) {}

  /** The single value that these bytes encode; null if they aren't JSON in UTF-8. */
  public static Value read(byte[] bytes) {
    String text = text(bytes);
    // A byte order mark isn't white space (RFC 8259, section 8.1).
    if (text == null || text.startsWith("\uFEFF") || !areEscapesAscii(text)) {
      return null;
    }
    // Not as bytes, for which Jackson rejects half a surrogate pair in a name even if it is
    // escaped.
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

  /** The text that these bytes encode in UTF-8; null if they are invalid. */
  public static String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Jackson uses only eight bits of an escape's characters, and so accepts U+0165 as an e. */
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
      // Jackson reads a string only when it is requested.
      default -> scalar = parser.getText();
    }
    int to = (int) parser.currentLocation().getCharOffset();
    // Jackson has read beyond a number at the top level.
    String source = text.substring(from, to).stripTrailing();
    return new Value(token, scalar, parts, source);
  }

  /** ECMA-262, QuoteJSONString, by JSON's escapes for what isn't a character. */
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
