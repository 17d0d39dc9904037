package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconnectPolicyTest {
  private final ReconnectPolicy policy =
      new ReconnectPolicy(Duration.ofMillis(500), Duration.ofSeconds(30));

  @ParameterizedTest
  @CsvSource({
    "1, 500",
    "2, 1000",
    "3, 2000",
    "4, 4000",
    "5, 8000",
    "6, 16000",
    "7, 30000",
    "8, 30000",
    "31, 30000",
    "32, 30000",
    "1000000, 30000"
  })
  void theWaitDoublesUpToItsBound(int failures, long bound) {
    assertThat(policy.backoff(failures, 0)).isEqualTo(bound / 2);
    assertThat(policy.backoff(failures, 0.999999999)).isEqualTo(bound);
  }

  @Test
  void waitsAreSpreadSoThatSessionsDoNotComeBackInStep() {
    Random random = new Random(1);
    long distinct = random.doubles(1_000).mapToLong(r -> policy.backoff(3, r)).distinct().count();
    assertThat(distinct).isGreaterThan(500);
  }

  @Test
  void onlyACableThatLivedLongStartsAnew() {
    assertThat(policy.failures(0, 0)).isEqualTo(1);
    assertThat(policy.failures(4, Duration.ofSeconds(29).toNanos())).isEqualTo(5);
    assertThat(policy.failures(4, Duration.ofSeconds(30).toNanos())).isEqualTo(1);
  }

  @Test
  void patienceRunsOutWithTheClockAlsoWhereItsCountWraps() {
    long since = Long.MAX_VALUE - 5;
    Duration limit = Duration.ofSeconds(6);
    assertThat(ReconnectPolicy.left(limit, since, since)).isEqualTo(6_000);
    assertThat(ReconnectPolicy.left(limit, since, since + 1)).isEqualTo(6_000);
    assertThat(ReconnectPolicy.left(limit, since, since + 1_000_000)).isEqualTo(5_999);
    assertThat(ReconnectPolicy.left(limit, since, since + limit.toNanos() - 1)).isEqualTo(1);
    assertThat(ReconnectPolicy.left(limit, since, since + limit.toNanos())).isZero();
    assertThat(ReconnectPolicy.left(limit, since, since + limit.toNanos() * 2)).isZero();
  }
}
