package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.Allocated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is derived from a large frame before its recipient is known. */
class DerivedFromFramesTest {
  private static final int SIZE = 8 << 20;

  /** The longest identifier of any session. */
  private static final int LONGEST = 1_000;

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "\\u0041", "\\u20ac", "\\n", "\\\"", "\ud83d\udc0e"})
  void identifiers(String part) throws Exception {
    assertMakesNothing("{\"message\":1,\"identifier\":\"", part, "\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "\\u0041", "\\u20ac", "\\n", "\\\"", "\ud83d\udc0e"})
  void reasons(String part) throws Exception {
    assertMakesNothing("{\"type\":\"disconnect\",\"reason\":\"", part, "\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\\u0041"})
  void typesAndNamesOfMembers(String part) throws Exception {
    assertMakesNothing("{\"type\":\"", part, "\"}");
    assertMakesNothing("{\"", part, "\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[],", "{},", "0,", "\"\\u0041\","})
  void messages(String part) throws Exception {
    assertMakesNothing("{\"message\":[", part, "0]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"identifier\":\"a\",", "\"type\":\"ping\",", "\"a\":1,"})
  void members(String part) throws Exception {
    assertMakesNothing("{", part, "\"b\":0}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\u0000", "é"})
  void whatCannotBeRead(String part) throws Exception {
    assertMakesNothing("", part, "");
  }

  private static void assertMakesNothing(String head, String part, String tail) throws Exception {
    byte[] text = (head + part.repeat(SIZE / part.getBytes(UTF_8).length) + tail).getBytes(UTF_8);
    FrameScanner scanner = new FrameScanner();
    read(scanner, (head + part + tail).getBytes(UTF_8)); // loads the classes
    assertThat(Allocated.by(() -> read(scanner, text))).isLessThan(Allocated.SLACK);
  }

  private static String read(FrameScanner scanner, byte[] text) {
    CableFrame frame = scanner.scan(text);
    return frame == null ? null : frame.identifier(LONGEST);
  }
}
