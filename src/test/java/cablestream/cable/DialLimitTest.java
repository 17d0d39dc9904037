package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DialLimitTest {
  private final DialLimit limit = new DialLimit(256, Duration.ofSeconds(10));
  private int begun;

  @Test
  void beginsWithFour() {
    assertThat(limit.dials()).isEqualTo(4);
    assertThat(new DialLimit(2, Duration.ofSeconds(10)).dials()).isEqualTo(2);
  }

  @Test
  void growsByOneWithEachPromptWelcomeUpToItsCeiling() {
    welcome(6, 50);
    assertThat(limit.dials()).isEqualTo(10);
    welcome(1_000, 50);
    assertThat(limit.dials()).isEqualTo(256);
  }

  @Test
  void growsOnlyWhereDialsWait() {
    limit.welcomed(++begun, Duration.ofMillis(50).toNanos(), false);
    assertThat(limit.dials()).isEqualTo(4);
  }

  @Test
  void growsByOneWithAsManyWelcomesAsDialsAreUnderwayWhereTheyTakeLong() {
    welcome(4, 3_000);
    assertThat(limit.dials()).isEqualTo(4);
    welcome(1, 3_000);
    assertThat(limit.dials()).isEqualTo(5);
    welcome(1, 50);
    welcome(100, 1_500);
    assertThat(limit.dials()).as("they wait at the server").isEqualTo(6);
  }

  @Test
  void aServerThatIsSlowerThanBeforeIsMeasuredAnew() {
    welcome(1, 50);
    welcome(1_000, 3_000);
    assertThat(limit.dials()).isGreaterThan(20);
  }

  @Test
  void isHalvedOnceForDialsThatWereUnderwayTogether() {
    welcome(12, 50);
    int first = begun + 1;
    begun += 16;
    for (int i = first; i <= begun; i++) {
      assertThat(limit.failed(i, begun)).isTrue();
    }
    assertThat(limit.dials()).isEqualTo(8);
    assertThat(limit.failed(++begun, begun)).isTrue();
    assertThat(limit.dials()).isEqualTo(4);
  }

  @Test
  void isNotHalvedForADialThatBeganBeforeOneThatWasWelcomed() {
    int silent = ++begun;
    welcome(1, 50);
    assertThat(limit.failed(silent, begun)).isFalse();
    assertThat(limit.dials()).isEqualTo(5);
  }

  @Test
  void isTwoAtLeastAndOneWhereWelcomesTakeLong() {
    fail(10);
    assertThat(limit.dials()).isEqualTo(2);
    welcome(1, 5_000);
    fail(10);
    assertThat(limit.dials()).isEqualTo(1);
  }

  @Test
  void growsSlowlyToWhereItFailed() {
    welcome(5, 5_000);
    assertThat(limit.dials()).isEqualTo(5);
    fail(1);
    welcome(6, 5_000);
    assertThat(limit.dials()).isEqualTo(4);
    welcome(25, 5_000);
    assertThat(limit.dials()).isEqualTo(4);
    welcome(6, 5_000);
    assertThat(limit.dials()).isEqualTo(5);
  }

  @Test
  void beginsAnew() {
    welcome(100, 50);
    fail(1);
    limit.restart();
    assertThat(limit.dials()).isEqualTo(4);
    welcome(100, 50);
    assertThat(limit.dials()).isEqualTo(104);
  }

  private void welcome(int times, int millis) {
    for (int i = 0; i < times; i++) {
      limit.welcomed(++begun, Duration.ofMillis(millis).toNanos(), true);
    }
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      begun++;
      assertThat(limit.failed(begun, begun)).isTrue();
    }
  }
}
