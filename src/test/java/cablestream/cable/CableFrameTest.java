package cablestream.cable;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.text.Utf8;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CableFrameTest {
  private final FrameScanner scanner = new FrameScanner();

  /** The frame scanned last; null if it was invalid. */
  private CableFrame frame;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"welcome\"}|WELCOME",
        "{\"type\":\"welcome\",\"sid\":\"x\"}|WELCOME",
        "{\"type\":\"ping\",\"message\":1733000000}|PING",
        "{\"identifier\":\"{}\",\"type\":\"confirm_subscription\"}|CONFIRM_SUBSCRIPTION",
        "{\"identifier\":\"{}\",\"type\":\"reject_subscription\"}|REJECT_SUBSCRIPTION",
        "{\"type\":\"disconnect\",\"reason\":\"remote\",\"reconnect\":true}|DISCONNECT",
        "{\"identifier\":\"{}\",\"message\":1}|MESSAGE",
        "{\"identifier\":\"{}\",\"type\":null,\"message\":1}|MESSAGE",
        "{\"identifier\":\"{}\",\"type\":\"later_version\",\"message\":1}|MESSAGE",
        "{\"identifier\":\"{}\",\"type\":[\"ping\"],\"message\":1}|MESSAGE",
        "{\"type\":\"PING\"}|MESSAGE",
        "{}|MESSAGE",
      })
  void theTypeTellsWhatAFrameIs(String text, CableFrame.Type type) {
    read(text);
    assertThat(frame.type()).isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0.0e-17",
        "123456789012345678901234567890.123456789012345678901234567890",
        "1e999999",
        "\"<turbo-stream action=\\\"append\\\"></turbo-stream>\"",
        "\"\"",
        "[]",
        "[1, [2, {\"a\": []}], \"]\"]",
        "{}",
        "{ \"z\" : 1 ,\"a\":{\"message\":\"inner\",\"identifier\":\"inner\",\"type\":\"ping\"} }",
        "true",
        "false",
        "null",
        "\"žluťoučký 🐎\"",
        "\"\\ud83d\\udc0e \\u2028 \\/\"",
      })
  void aMessageOfAnyJsonTypeIsFoundByteForByte(String message) {
    read("{\"identifier\":\"{}\",\"message\":" + message + "}");
    assertThat(frame.type()).isEqualTo(CableFrame.Type.MESSAGE);
    assertThat(message(last)).isEqualTo(message);
    read(" {\r\n\"message\" \t:\n " + message + "\r\n , \"identifier\" : \"{}\" } \n");
    assertThat(message(last)).isEqualTo(message);
  }

  @Test
  void aFrameWithoutMessageOrIdentifierSaysSo() {
    read("{\"type\":\"welcome\"}");
    assertThat(frame.messageFrom()).isNegative();
    assertThat(frame.identifier()).isNull();
    assertThat(frame.reason()).isNull();
    assertThat(frame.reconnect()).isFalse();
  }

  @Test
  void nothingIsLeftOverFromTheFrameBefore() {
    read("{\"type\":\"disconnect\",\"reason\":\"remote\",\"reconnect\":true}");
    read("{\"identifier\":\"a\",\"message\":1}");
    read("{\"type\":\"disconnect\"}");
    assertThat(frame.messageFrom()).isNegative();
    assertThat(frame.identifier()).isNull();
    assertThat(frame.reason()).isNull();
    assertThat(frame.reconnect()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"server_restart\"|true|server_restart|true",
        "\"unauthorized\"|false|unauthorized|false",
        "\"a\\nb\"|\"true\"|'a\nb'|false",
        "17|1||false",
        "null|null||false",
      })
  void aDisconnectTellsItsReasonAndWhetherToReconnect(
      String reason, String reconnect, String expectedReason, boolean expectedReconnect) {
    read("{\"type\":\"disconnect\",\"reason\":" + reason + ",\"reconnect\":" + reconnect + "}");
    assertThat(frame.reason()).isEqualTo(expectedReason);
    assertThat(frame.reconnect()).isEqualTo(expectedReconnect);
  }

  @Test
  void theIdentifierIsUnescapedAsRailsEscapesIt() {
    read(
        "{\"identifier\":\"{\\\"channel\\\":\\\"\\u003ca\\u003E\\u0026\\u2028\\\\n\\b\\f\\n\\r\\t\\/\\\"}\","
            + "\"message\":1}");
    assertThat(frame.identifier()).isEqualTo("{\"channel\":\"<a>&\u2028\\n\b\f\n\r\t/\"}");
  }

  @Test
  void anIdentifierMayHoldCharactersOutsideAscii() {
    read("{\"identifier\":\"{\\\"room\\\":\\\"žluť 🐎 \\uD83D\\uDC0E\\\"}\",\"message\":1}");
    assertThat(frame.identifier()).isEqualTo("{\"room\":\"žluť 🐎 🐎\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"17", "null", "{\"channel\":\"A\"}", "[]"})
  void anIdentifierThatIsNoStringIsNone(String identifier) {
    read("{\"identifier\":" + identifier + ",\"message\":1}");
    assertThat(frame.identifier()).isNull();
  }

  @Test
  void namesAndTypesAreComparedDecoded() {
    read("{\"\\u0069dentifier\":\"a\",\"mess\\u0061ge\":7,\"\\u0074\\u0079\\u0070\\u0065\":\"x\"}");
    assertThat(frame.identifier()).isEqualTo("a");
    assertThat(message(last)).isEqualTo("7");
    read("{\"type\":\"\\u0070\\u0069\\u006e\\u0067\"}");
    assertThat(frame.type()).isEqualTo(CableFrame.Type.PING);
    read("{\"identifier\\u0000\":\"a\",\"messag\\u00e9\":7,\"message \":8}");
    assertThat(frame.identifier()).isNull();
    assertThat(frame.messageFrom()).isNegative();
  }

  @Test
  void theLastOfSeveralMembersOfOneNameCounts() {
    read(
        "{\"type\":\"ping\",\"identifier\":\"a\",\"message\":1,"
            + "\"typ\\u0065\":\"confirm_subscription\",\"identifier\":\"b\",\"message\":[2]}");
    assertThat(frame.type()).isEqualTo(CableFrame.Type.CONFIRM_SUBSCRIPTION);
    assertThat(frame.identifier()).isEqualTo("b");
    assertThat(message(last)).isEqualTo("[2]");
  }

  @Test
  void theLastOfSeveralIdentifiersCountsAlsoWhenTheOthersAreKnown() {
    read("{\"identifier\":\"a\",\"message\":1}");
    read("{\"identifier\":\"a\",\"identifier\":17}");
    assertThat(frame.identifier()).isNull();
    read("{\"identifier\":\"a\",\"identifier\":\"b\"}");
    assertThat(frame.identifier()).isEqualTo("b");
    read("{\"identifier\":\"b\",\"identifier\":\"a\"}");
    assertThat(frame.identifier()).isEqualTo("a");
  }

  @Test
  void anIdentifierSeenBeforeIsTheSameString() {
    read("{\"identifier\":\"{\\\"channel\\\":\\\"A\\\"}\",\"message\":1}");
    String first = frame.identifier();
    for (int i = 0; i < 7; i++) {
      read("{\"identifier\":\"" + i + "\",\"message\":1}");
    }
    read("{\"message\":2, \"identifier\" : \"{\\\"channel\\\":\\\"A\\\"}\"}");
    assertThat(frame.identifier()).isSameAs(first);
  }

  @Test
  void identifiersThatBeginAlikeAreNotMixedUp() {
    for (String identifier :
        new String[] {"a", "ab", "", "abc", "a\\\"", "a", "\\\\", "ab\\u0063"}) {
      read("{\"identifier\":\"" + identifier + "\",\"message\":1}");
      assertThat(frame.identifier())
          .isEqualTo(
              identifier.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\u0063", "c"));
    }
  }

  @Test
  void moreIdentifiersThanAreKeptAreAllTold() {
    for (int i = 0; i < 100; i++) {
      read("{\"identifier\":\"room " + i * i % 23 + "\",\"message\":1}");
      assertThat(frame.identifier()).isEqualTo("room " + i * i % 23);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ž", "x", "\u20ac", "\ud83d\udc0e"})
  void aLongIdentifierIsToldIfASubscriptionMayHaveIt(String character) {
    String longest = character.repeat(100_000);
    read("{\"identifier\":\"" + longest + "\",\"message\":1}");
    assertThat(frame.identifier(longest.length())).isEqualTo(longest);
    assertThat(frame.identifier(longest.length() - 1)).isNull();
    assertThat(frame.identifier(0)).isNull();
    assertThat(frame.isForSubscription()).isTrue();
  }

  @Test
  void aLongIdentifierMayBeEscaped() {
    read("{\"identifier\":\"" + "\\u0041".repeat(1_000) + "\",\"message\":1}");
    assertThat(frame.identifier(1_000)).isEqualTo("A".repeat(1_000));
    assertThat(frame.identifier(999)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "ž", "\u20ac", "\ud83d\udc0e", "\\u0041", "\\n", "ž\\n"})
  void ofALongReasonTheBeginningIsTold(String part) {
    read("{\"type\":\"disconnect\",\"reason\":\"" + part.repeat(10_000) + "\"}");
    String whole = part.replace("\\u0041", "A").replace("\\n", "\n").repeat(10_000);
    assertThat(frame.reason()).isEqualTo(whole.substring(0, 256));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[]",
        "1",
        "null",
        "\"welcome\"",
        "{}{}",
        "{} x",
        "\uFEFF{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":tru}",
        "{\"a\":truee}",
        "{\"a\":nul}",
        "{\"a\":True}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":[}",
        "{\"a\":{]}",
        "{\"a\":[1}]",
        "{\"a\":{\"b\":1]}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\U0041\"}",
        "{\"a\":\"tab\tinside\"}",
        "{\"a\":\"line\nbreak, after more than eight bytes\"}",
        "{\"a\":\"zero\u0000\"}",
        "{\"a\":1/**/}",
        "{\"a\":1}//",
        "{\"a\":1\u00A0}",
        "{\"a\":1\f}",
      })
  void whatIsNotOneJsonObjectCanNotBeRead(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    assertThat(scan(bytes)).isFalse();
    assertThat(scanner.fault()).isBetween(0, bytes.length);
  }

  @Test
  void theFaultIsLocated() {
    assertThat(scan("{\"message\":[1,2,x]}".getBytes(UTF_8))).isFalse();
    assertThat(scanner.fault()).isEqualTo(16);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation alone
        "C3", // truncated
        "C3 28",
        "C0 AF", // overlong
        "C1 BF",
        "E0 80 AF",
        "E0 9F BF",
        "F0 80 80 AF",
        "F0 8F BF BF",
        "ED A0 80", // surrogates
        "ED BF BF",
        "ED A0 BD ED B0 8E",
        "E2 82", // truncated
        "E2 28 A1",
        "E2 82 28",
        "F0 9F 90",
        "F0 9F 28 8E",
        "F4 90 80 80", // above U+10FFFF
        "F5 80 80 80",
        "FE",
        "FF",
      })
  void badUtf8CanNotBeReadWhereverItStands(String hex) {
    String bad = latin1(hex);
    for (String text :
        new String[] {
          "{\"message\":\"" + bad + "\"}",
          "{\"message\":\"some plain text before it" + bad + "and after\"}",
          "{\"" + bad + "\":1}",
          "{\"identifier\":\"" + bad + "\"}",
          "{\"message\":" + bad + "}",
          "{\"message\":\"" + bad,
          "{}" + bad
        }) {
      assertThat(scan(text.getBytes(ISO_8859_1))).as(text).isFalse();
    }
    assertThat(Utf8.isWellFormed(bad.getBytes(ISO_8859_1))).isFalse();
    assertThat(Utf8.isWellFormed(("long enough " + bad).getBytes(ISO_8859_1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7F",
        "C2 80",
        "DF BF",
        "E0 A0 80",
        "ED 9F BF",
        "EE 80 80",
        "EF BF BF",
        "F0 90 80 80",
        "F4 8F BF BF"
      })
  void theFirstAndLastOfEachLengthOfUtf8CanBeRead(String hex) {
    String good = latin1(hex);
    last = ("{\"message\":\"" + good + "\"}").getBytes(ISO_8859_1);
    assertThat(scan(last)).isTrue();
    assertThat(Utf8.isWellFormed(good.getBytes(ISO_8859_1))).isTrue();
    assertThat(Utf8.isWellFormed((good + " and more " + good).getBytes(ISO_8859_1))).isTrue();
  }

  @Test
  void everyByteInAStringIsJudgedAtEveryOffset() {
    for (int b = 0; b < 0x80; b++) {
      for (int before = 0; before < 20; before++) {
        String text = "{\"message\":\"" + "x".repeat(before) + (char) b + "yyyyyyyyyyyyyyyyy\"}";
        boolean readable = b >= ' ' && b != '"' && b != '\\';
        assertThat(scan(text.getBytes(UTF_8))).as("%x after %d", b, before).isEqualTo(readable);
      }
    }
  }

  @Test
  void nestingIsReadUpToItsBoundAndNotBeyond() {
    int max = JsonScanner.MAX_DEPTH;
    for (String[] brackets : new String[][] {{"[", "]"}, {"{\"a\":", "}"}}) {
      String inner = brackets[0].equals("[") ? "" : "1";
      String deepest = brackets[0].repeat(max) + inner + brackets[1].repeat(max);
      read("{\"message\":" + deepest + "}");
      assertThat(message(last)).isEqualTo(deepest);
      String deeper = brackets[0] + deepest + brackets[1];
      assertThat(scan(("{\"message\":" + deeper + "}").getBytes(UTF_8))).isFalse();
    }
  }

  @Test
  void aMillionOpenBracketsDoNotExhaustTheStack() {
    String text = "{\"message\":" + "[".repeat(1_000_000);
    assertThat(scan(text.getBytes(UTF_8))).isFalse();
  }

  @Test
  void objectsAndArraysInsideOneAnotherCloseInTheirOrder() {
    String mixed = "[{\"a\":[".repeat(150) + "]}]".repeat(150);
    read("{\"message\":" + mixed + "}");
    assertThat(message(last)).isEqualTo(mixed);
    String swapped = "[{\"a\":[".repeat(150) + "]]}".repeat(150);
    assertThat(scan(("{\"message\":" + swapped + "}").getBytes(UTF_8))).isFalse();
  }

  @Test
  void fourMegabytesAreFoundByteForByte() {
    String message = "\"" + "<p>žluťoučký</p>\\n".repeat(220_000) + "\"";
    read("{\"identifier\":\"{}\",\"message\":" + message + "}");
    assertThat(message(last)).isEqualTo(message);
  }

  private byte[] last;

  private void read(String text) {
    last = text.getBytes(UTF_8);
    byte[] before = last.clone();
    assertThat(scan(last)).as("readable: %s", text).isTrue();
    assertThat(last).isEqualTo(before);
    assertThat(frame.text()).isSameAs(last);
  }

  private boolean scan(byte[] text) {
    frame = scanner.scan(text);
    return frame != null;
  }

  private String message(byte[] text) {
    return new String(Arrays.copyOfRange(text, frame.messageFrom(), frame.messageTo()), UTF_8);
  }

  private static String latin1(String hex) {
    StringBuilder bytes = new StringBuilder();
    for (String b : hex.split(" ")) {
      bytes.append((char) Integer.parseInt(b, 16));
    }
    return bytes.toString();
  }
}
