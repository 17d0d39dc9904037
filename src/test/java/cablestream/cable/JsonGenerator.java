package cablestream.cable;

import java.util.Random;

/**
 * Generates frames in every spelling that JSON allows. The same random source gives the same
 * frames.
 */
final class JsonGenerator {
  private static final String[] NAMES = {
    "type", "identifier", "message", "reason", "reconnect", "", "typ", "messages", "žluť"
  };
  private static final String[] TYPES = {
    "welcome", "ping", "confirm_subscription", "reject_subscription", "disconnect", "other", ""
  };
  private static final String[] NUMBERS = {
    "0", "-0", "1", "-17", "3.25", "1e5", "1E+5", "2.5e-7", "12345678901234567890", "1733000000"
  };

  private final Random random;

  JsonGenerator(Random random) {
    this.random = random;
  }

  /** An object, mostly with members that the scanner looks for. */
  String frame() {
    StringBuilder text = new StringBuilder(space()).append('{').append(space());
    int members = random.nextInt(6);
    for (int i = 0; i < members; i++) {
      String name = NAMES[random.nextInt(NAMES.length)];
      text.append(i == 0 ? "" : "," + space()).append(string(name)).append(space()).append(':');
      text.append(space()).append(valueOf(name)).append(space());
    }
    return text.append('}').append(space()).toString();
  }

  private String valueOf(String name) {
    if (random.nextInt(8) == 0) {
      return value(0);
    }
    return switch (name) {
      case "type" -> string(TYPES[random.nextInt(TYPES.length)]);
      case "identifier" -> string("{\"channel\":\"Room\",\"id\":" + random.nextInt(12) + "}");
      case "reason" -> string(random.nextBoolean() ? "unauthorized" : "server_restart");
      case "reconnect" -> random.nextBoolean() ? "true" : "false";
      default -> value(0);
    };
  }

  private String value(int depth) {
    return switch (random.nextInt(depth > 5 ? 5 : 8)) {
      case 0 -> "true";
      case 1 -> "null";
      case 2 -> NUMBERS[random.nextInt(NUMBERS.length)];
      case 3, 4 -> string(characters());
      case 5 -> random.nextBoolean() ? "false" : string("");
      case 6 -> array(depth);
      default -> object(depth);
    };
  }

  private String array(int depth) {
    StringBuilder text = new StringBuilder("[").append(space());
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(value(depth + 1)).append(space()).append(i == 1 ? "" : "," + space());
    }
    return text.append(']').toString();
  }

  private String object(int depth) {
    StringBuilder text = new StringBuilder("{").append(space());
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(string(characters())).append(space()).append(':').append(space());
      text.append(value(depth + 1)).append(space()).append(i == 1 ? "" : "," + space());
    }
    return text.append('}').toString();
  }

  private String characters() {
    StringBuilder characters = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      int kind = random.nextInt(12);
      int character = 'a' + random.nextInt(26);
      switch (kind) {
        case 0 -> character = random.nextInt(0x20);
        case 1 -> character = 0x80 + random.nextInt(0x780);
        case 2 -> character = 0x4E00 + random.nextInt(0x1000);
        case 3 -> character = 0x1F400 + random.nextInt(0x100);
        case 4 -> character = "\"\\/<>&\u2028".codePointAt(random.nextInt(7));
        default -> {}
      }
      characters.appendCodePoint(character);
    }
    return characters.toString();
  }

  /** A string in a random spelling. */
  private String string(String characters) {
    StringBuilder text = new StringBuilder("\"");
    for (char c : characters.toCharArray()) {
      boolean hasTo = c < ' ' || c == '"' || c == '\\';
      if (hasTo || random.nextInt(10) == 0) {
        text.append(escape(c));
      } else {
        text.append(c);
      }
    }
    // A surrogate pair of which only one half is escaped would be invalid UTF-8.
    return isPaired(text) ? text.append('"').toString() : string(characters);
  }

  private static boolean isPaired(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(++i)))) {
        return false;
      }
      if (Character.isLowSurrogate(c)) {
        return false;
      }
    }
    return true;
  }

  private String escape(char c) {
    int shortForm = "\"\\/\b\f\n\r\t".indexOf(c);
    if (shortForm >= 0 && random.nextBoolean()) {
      return "\\" + "\"\\/bfnrt".charAt(shortForm);
    }
    String hex = String.format("%04x", (int) c);
    return "\\u" + (random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
  }

  private String space() {
    return switch (random.nextInt(8)) {
      case 0 -> " ";
      case 1 -> "\n\t";
      case 2 -> "\r\n   ";
      default -> "";
    };
  }
}
