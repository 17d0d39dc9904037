package cablestream.cable;

import static cablestream.cable.IdentifierCache.unescape;
import static cablestream.cable.JsonScanner.ascii;
import static cablestream.cable.JsonScanner.byteAt;
import static cablestream.cable.JsonScanner.isTrue;
import static cablestream.cable.JsonScanner.space;
import static java.nio.charset.StandardCharsets.US_ASCII;

import cablestream.cable.CableFrame.Type;
import java.util.Arrays;

/**
 * Finds the parts of a frame of the Action Cable server (Rails, actioncable/lib/action_cable.rb,
 * {@code INTERNAL[:message_types]}) in its bytes. The frame must be one valid JSON object in
 * well-formed UTF-8; its {@code message} is skipped and never parsed. Names are compared after
 * decoding, and the last of several equal ones counts, as with {@code JSON.parse}.
 *
 * <p>One instance serves one cable. Not thread-safe.
 */
final class FrameScanner {
  private static final int TYPE = 0;
  private static final int IDENTIFIER = 1;
  private static final int MESSAGE = 2;
  private static final int REASON = 3;
  private static final int RECONNECT = 4;
  private static final byte[][] NAMES = {
    ascii("type"), ascii("identifier"), ascii("message"), ascii("reason"), ascii("reconnect")
  };

  /** The position of a missing member. */
  private static final int MISSING = -1;

  /** The length of the longest escape of one character, in bytes. */
  static final int LONGEST_ESCAPE = 6;

  /** Characters of a reason to disconnect, which is forwarded; the rest is cut off. */
  private static final int MAX_REASON = 256;

  private static final Type[] TYPES = Type.values();

  private final JsonScanner scanner = new JsonScanner();
  private final IdentifierCache identifiers = new IdentifierCache();

  private byte[] text;
  private final int[] from = new int[NAMES.length];
  private final int[] to = new int[NAMES.length];
  private String identifier;
  private int fault;

  /**
   * Scans a frame.
   *
   * @param frame must not be changed any more
   * @return null if it is unreadable; {@link #fault} is then the position
   */
  CableFrame scan(byte[] frame) {
    text = frame;
    Arrays.fill(from, MISSING);
    identifier = null;
    int end = object();
    CableFrame scanned = null;
    if (end >= 0) {
      scanned = decoded();
    } else {
      fault = ~end;
    }
    text = null;
    return scanned;
  }

  /** The position of the fault in the latest frame, if it is unreadable, in bytes from 0. */
  int fault() {
    return fault;
  }

  /** The end of the text, or the complement of the fault's position. */
  private int object() {
    int at = space(text, 0);
    if (byteAt(text, at) != '{') {
      return ~at;
    }
    at = space(text, at + 1);
    at = byteAt(text, at) == '}' ? at + 1 : members(at);
    if (at >= 0) {
      at = space(text, at);
    }
    return at < 0 || at == text.length ? at : ~at;
  }

  private int members(int first) {
    int at = first;
    while (true) {
      at = member(at);
      if (at < 0) {
        return at;
      }
      at = space(text, at);
      int b = byteAt(text, at);
      if (b == '}') {
        return at + 1;
      }
      if (b != ',') {
        return ~at;
      }
      at = space(text, at + 1);
    }
  }

  private int member(int nameFrom) {
    if (byteAt(text, nameFrom) != '"') {
      return ~nameFrom;
    }
    int nameTo = JsonScanner.string(text, nameFrom);
    int valueFrom = nameTo < 0 ? nameTo : JsonScanner.colon(text, nameTo);
    if (valueFrom < 0) {
      return valueFrom;
    }
    int name = named(nameFrom + 1, nameTo - 1);
    int valueTo = name == IDENTIFIER ? identifier(valueFrom) : scanner.value(text, valueFrom);
    if (name >= 0) {
      from[name] = valueFrom;
      to[name] = valueTo;
    }
    return valueTo;
  }

  private int named(int nameFrom, int nameTo) {
    for (int name = 0; name < NAMES.length; name++) {
      byte[] word = NAMES[name];
      if (nameTo - nameFrom >= word.length && stands(nameFrom, nameTo, word)) {
        return name;
      }
    }
    return MISSING;
  }

  /** Skips an identifier; one that was seen before isn't scanned again. */
  private int identifier(int valueFrom) {
    int slot = byteAt(text, valueFrom) == '"' ? identifiers.find(text, valueFrom + 1) : MISSING;
    if (slot < 0) {
      identifier = null;
      return scanner.value(text, valueFrom);
    }
    identifier = identifiers.identifier(slot);
    return valueFrom + identifiers.length(slot) + 2;
  }

  private CableFrame decoded() {
    Type type = type();
    CableFrame.Span longIdentifier = null;
    if (identifier == null && isString(IDENTIFIER)) {
      int start = from[IDENTIFIER] + 1;
      int end = to[IDENTIFIER] - 1;
      if (end - start <= IdentifierCache.MAX_BYTES) {
        identifier = identifiers.decode(text, start, end);
      } else {
        longIdentifier = new CableFrame.Span(start, end);
      }
    }
    String reason = null;
    boolean reconnect = false;
    if (type == Type.DISCONNECT) {
      reason =
          isString(REASON) ? unescape(text, from[REASON] + 1, to[REASON] - 1, MAX_REASON) : null;
      reconnect = from[RECONNECT] >= 0 && isTrue(text, from[RECONNECT], to[RECONNECT]);
    }
    return new CableFrame(
        type, identifier, longIdentifier, text, from[MESSAGE], to[MESSAGE], reason, reconnect);
  }

  private Type type() {
    if (isString(TYPE)) {
      for (Type candidate : TYPES) {
        if (candidate.wire != null && stands(from[TYPE] + 1, to[TYPE] - 1, candidate.wire)) {
          return candidate;
        }
      }
    }
    return Type.MESSAGE;
  }

  private boolean isString(int member) {
    return from[member] >= 0 && text[from[member]] == '"';
  }

  /** Whether the contents of a string equal this word, escaped or not. */
  private boolean stands(int stringFrom, int stringTo, byte[] word) {
    int length = stringTo - stringFrom;
    if (length <= word.length) {
      return Arrays.equals(text, stringFrom, stringTo, word, 0, word.length);
    }
    for (int at = stringFrom; at < stringTo && length <= word.length * LONGEST_ESCAPE; at++) {
      if (text[at] == '\\') {
        return unescape(text, stringFrom, stringTo, length).equals(new String(word, US_ASCII));
      }
    }
    return false;
  }
}
