package cablestream.http.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Mode;
import cablestream.support.Allocated;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects derived from a POST's body occupy no more than is reserved for it. */
class DerivedFromBodiesTest {
  private static final int SIZE = 64 * 1024;

  private static String filled(String head, String part, String tail) {
    int times = (SIZE - head.length() - tail.length()) / part.getBytes(UTF_8).length;
    return head + part.repeat(times) + tail;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"identifier\":{\"a\":[ | 0, | 0]}}]",
        "[{\"identifier\":{\"a\":[ | [], | 0]}}]",
        "[{\"identifier\":{\"a\":[ | {}, | 0]}}]",
        "[{\"identifier\":{\"a\":[ | \"\", | 0]}}]",
        "[{\"identifier\":{\"a\":[ | \"é\", | 0]}}]",
        "[{\"identifier\":{\"a\":[ | [0], | 0]}}]",
        "[{\"identifier\":{ | \"\":0, | \"b\":0}}]",
        "[{\"identifier\":{\"a\":\" | x | \"}}]",
        "[{\"identifier\":{\"a\":\" | é | \"}}]",
        "[{\"identifier\":{\"a\":\" | \\u0001 | \"}}]",
        "[{\"identifier\":{\"a\":\" | \\n | \"}}]",
        "[{\"identifier\":{\"a\":\" | \\\" | \"}}]",
        "[{\"identifier\":{},\"send\":{\"a\":[ | [[]], | 0]}}]",
        "[ | 0, | 0]"
      })
  void commands(String head, String part, String tail) throws Exception {
    assertCharged(Mode.CHANNELS, head, part, tail);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\\n", "é", "\",\""})
  void frames(String part) throws Exception {
    assertCharged(Mode.TUNNEL, "[\"", part, "\"]");
  }

  /** At least half of all allocations is garbage at the end: no text is needed twice. */
  private static void assertCharged(Mode mode, String head, String part, String tail)
      throws Exception {
    CommandParser parser = new CommandParser(mode, new HttpSettings.Bodies(SIZE, SIZE, 100, 64));
    byte[] body = filled(head, part, tail).getBytes(UTF_8);
    Callable<?> parse = () -> parsed(parser, body);
    parse.call();
    assertThat(Allocated.by(parse)).isLessThan(2 * parser.weight(body));
  }

  private static Object parsed(CommandParser parser, byte[] body) {
    try {
      return parser.parse(body);
    } catch (RefusedException e) {
      return e;
    }
  }
}
