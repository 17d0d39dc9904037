package cablestream.http.request;

import cablestream.text.JsonText;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A JSON value that preserves what JSON-P's own model loses: the order of members, duplicate
 * members, and the digits of numbers.
 */
sealed interface JsonTree {
  /** A value without parts, as text; strings as {@code JSON.stringify} writes them. */
  record Scalar(String text) implements JsonTree {}

  JsonTree TRUE = new Scalar("true");
  JsonTree FALSE = new Scalar("false");
  JsonTree NULL = new Scalar("null");

  record Array(List<JsonTree> elements) implements JsonTree {}

  record Members(List<Member> members) implements JsonTree {}

  /** One member of an object; its name is decoded. */
  record Member(String name, JsonTree value) {}

  /** Replaces a value that is nested too deep: it was read and discarded. */
  record TooDeep() implements JsonTree {}

  /** The size of one with its place in its parent and a short text, in bytes. */
  int WEIGHT = 96;

  /**
   * Reads the value whose first event was just read from the parser, to its end.
   *
   * @param depth the largest number of levels of nested arrays and objects
   */
  static JsonTree read(JsonParser parser, Event first, int depth) {
    return switch (first) {
      case START_ARRAY -> depth > 0 ? array(parser, depth - 1) : skip(parser);
      case START_OBJECT -> depth > 0 ? members(parser, depth - 1) : skip(parser);
      case VALUE_STRING -> new Scalar(quote(parser.getString()));
      case VALUE_NUMBER -> new Scalar(parser.getString());
      case VALUE_TRUE -> TRUE;
      case VALUE_FALSE -> FALSE;
      case VALUE_NULL -> NULL;
      default -> throw new IllegalArgumentException("no value begins with " + first);
    };
  }

  private static JsonTree array(JsonParser parser, int depth) {
    List<JsonTree> elements = List.of();
    boolean tooDeep = false;
    for (Event event = parser.next(); event != Event.END_ARRAY; event = parser.next()) {
      elements = elements.isEmpty() ? new ArrayList<>(1) : elements;
      JsonTree element = read(parser, event, depth);
      tooDeep |= element instanceof TooDeep;
      elements.add(element);
    }
    return tooDeep ? new TooDeep() : new Array(elements);
  }

  private static JsonTree members(JsonParser parser, int depth) {
    List<Member> members = List.of();
    boolean tooDeep = false;
    while (parser.next() != Event.END_OBJECT) {
      members = members.isEmpty() ? new ArrayList<>(1) : members;
      String name = parser.getString();
      JsonTree value = read(parser, parser.next(), depth);
      tooDeep |= value instanceof TooDeep;
      members.add(new Member(name, value));
    }
    return tooDeep ? new TooDeep() : new Members(members);
  }

  /** Counts brackets instead of recursing: the nesting may be as deep as the body is long. */
  private static JsonTree skip(JsonParser parser) {
    for (int open = 1; open > 0; ) {
      switch (parser.next()) {
        case START_ARRAY, START_OBJECT -> open++;
        case END_ARRAY, END_OBJECT -> open--;
        default -> {}
      }
    }
    return new TooDeep();
  }

  /** The value without white space, its members in their order. */
  default String compact() {
    StringBuilder out = new StringBuilder();
    write(this, false, out);
    return out.toString();
  }

  /** The same text for equivalent values: members sorted by their names' UTF-16 code units. */
  default String canonical() {
    StringBuilder out = new StringBuilder();
    write(this, true, out);
    return out.toString();
  }

  /** Whether any object in it has two members of the same name. */
  default boolean hasDuplicates() {
    boolean found = false;
    if (this instanceof Array array) {
      for (JsonTree element : array.elements) {
        found |= element.hasDuplicates();
      }
    } else if (this instanceof Members object) {
      Set<String> names = object.members.size() < 2 ? null : new HashSet<>();
      for (Member member : object.members) {
        found |= names != null && !names.add(member.name) || member.value.hasDuplicates();
      }
    }
    return found;
  }

  private static void write(JsonTree value, boolean sorted, StringBuilder out) {
    if (value instanceof Scalar scalar) {
      out.append(scalar.text);
    } else if (value instanceof Array array) {
      String separator = "[";
      for (JsonTree element : array.elements) {
        out.append(separator);
        write(element, sorted, out);
        separator = ",";
      }
      out.append(array.elements.isEmpty() ? "[]" : "]");
    } else if (value instanceof Members object) {
      String separator = "{";
      for (Member member : sorted ? sort(object.members) : object.members) {
        JsonText.quote(out.append(separator), member.name).append(':');
        write(member.value, sorted, out);
        separator = ",";
      }
      out.append(object.members.isEmpty() ? "{}" : "}");
    }
  }

  private static List<Member> sort(List<Member> members) {
    return members.size() < 2
        ? members
        : members.stream().sorted(Comparator.comparing(Member::name)).toList();
  }

  private static String quote(String text) {
    return JsonText.quote(new StringBuilder(text.length() + 2), text).toString();
  }
}
