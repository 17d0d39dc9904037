package cablestream.http.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
  private final ReplayWindow window = new ReplayWindow();

  @Test
  void eachNumberIsAdmittedOnce() {
    for (long number : new long[] {1, 2, 5, 3, 4}) {
      assertThat(window.admits(number)).as("%d", number).isTrue();
      assertThat(window.admits(number)).as("%d again", number).isFalse();
    }
  }

  @Test
  void whatIsFarBehindIsTakenForOneThatHasCome() {
    long last = 3L * ReplayWindow.WIDTH;
    assertThat(window.admits(last)).isTrue();
    assertThat(window.admits(last - ReplayWindow.WIDTH)).isFalse();
    assertThat(window.admits(last - ReplayWindow.WIDTH + 1)).isTrue();
  }

  @Test
  void neverTwiceWhateverTheOrder() {
    Random random = new Random(1);
    Set<Long> admitted = new HashSet<>();
    long highest = 0;
    for (int i = 0; i < 200_000; i++) {
      long number = Math.max(1, highest - 70_000 + random.nextInt(70_400));
      highest = Math.max(highest, number);
      if (window.admits(number)) {
        assertThat(admitted.add(number)).as("%d", number).isTrue();
      } else {
        assertThat(admitted.contains(number) || number <= highest - ReplayWindow.WIDTH).isTrue();
      }
    }
  }
}
