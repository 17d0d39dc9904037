package cablestream.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class Utf8Test {
  /** The JDK's encoder is the judge. */
  @Test
  void whatCanBeEncodedHasNoHalfASurrogatePair() {
    List<String> texts = new ArrayList<>(List.of(""));
    for (int i = 0; texts.get(i).length() < 4; i++) {
      for (String next : new String[] {"a", "é", "\ud83d", "\ude00"}) {
        texts.add(texts.get(i) + next);
      }
    }
    assertThat(texts)
        .allSatisfy(
            text ->
                assertThat(Utf8.canEncode(text))
                    .isEqualTo(StandardCharsets.UTF_8.newEncoder().canEncode(text)));
  }
}
