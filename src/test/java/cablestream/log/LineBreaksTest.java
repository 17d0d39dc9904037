package cablestream.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineBreaksTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 15, 16, 17, 100})
  void aLineBreakIsFoundWhereverItStands(int length) {
    for (int at = 0; at < length; at++) {
      byte[] text = plain(length);
      text[at] = '\n';
      assertThat(LineBreaks.isOneLine(text, 0, length)).isFalse();
      text[at] = '\r';
      assertThat(LineBreaks.isOneLine(text, 0, length)).isFalse();
      assertThat(LineBreaks.isOneLine(text, 0, at)).as("not beyond the end").isTrue();
      assertThat(LineBreaks.isOneLine(text, at + 1, length)).as("nor before").isTrue();
    }
  }

  @Test
  void noOtherByteIsALineBreak() {
    for (int value = 0; value < 256; value++) {
      byte[] text = plain(24);
      text[11] = (byte) value;
      boolean expected = value != '\n' && value != '\r';
      assertThat(LineBreaks.isOneLine(text, 0, 24)).as("%d", value).isEqualTo(expected);
    }
  }

  @RepeatedTest(100)
  void theyAreFoundAsOneByOne() {
    Random random = new Random();
    byte[] text = new byte[random.nextInt(100)];
    for (int i = 0; i < text.length; i++) {
      text[i] =
          (byte)
              (random.nextInt(20) == 0
                  ? "\n\r\t\0".charAt(random.nextInt(4))
                  : random.nextInt(14, 256));
    }
    int from = random.nextInt(text.length + 1);
    boolean expected = true;
    for (int i = from; i < text.length; i++) {
      expected &= text[i] != '\n' && text[i] != '\r';
    }
    assertThat(LineBreaks.isOneLine(text, from, text.length)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ab", "\r", "\n", "\r\n", "a\rb\r\r\nc\n\rd\n\n", "\r\n\r\n\r"})
  void theGrowthIsThatOfReplacingThem(String text) {
    String replaced = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "1234567");
    assertThat(LineBreaks.growth(text.getBytes(ISO_8859_1), 7))
        .isEqualTo(replaced.length() - text.length());
  }

  private static byte[] plain(int length) {
    return "x".repeat(length).getBytes(ISO_8859_1);
  }
}
