package cablestream.environment;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Relief;
import cablestream.support.Defaults;
import org.junit.jupiter.api.Test;

class SizingTest {
  private static final long MIB = 1 << 20;
  private static final int RESPONSE_BYTES = 10 * 1_024;
  private static final Limits LIMITS = Defaults.limits();

  @Test
  void theLeastOfSettingHeapAndDescriptorsIsInForce() {
    assertThat(Sizing.of(9_000, 500, 65_536, 0).sessions()).isEqualTo(500);
    assertThat(Sizing.of(9_000, 20_000, 1_256, 0).sessions()).isEqualTo(500);
    assertThat(Sizing.of(300, 20_000, 65_536, 0).sessions()).isEqualTo(300);
    assertThat(Sizing.of(9_000, 20_000, 100, 0).sessions()).isZero();
  }

  /** Each is opened when the one before has sent its first commands. */
  @Test
  void asManySessionsCanBeOpenedAsItSays() {
    Account account = new Account(96 * MIB, 24 * MIB);
    assertThat(sizing(account).heap()).isEqualTo(opened(account));
  }

  @Test
  void theHeapThatItAdvisesHasRoomForAllSessions() {
    long heap = sizing(new Account(96 * MIB, 24 * MIB)).heapForSetting();
    long logs = Math.max(LIMITS.logs().budget(), Account.defaultLogs(heap));
    assertThat(opened(new Account(heap, logs))).isGreaterThanOrEqualTo(LIMITS.sessions().max());
  }

  private static Sizing sizing(Account account) {
    return Sizing.of(new Environment("node", LIMITS, null, null, null, account, RESPONSE_BYTES));
  }

  private static long opened(Account account) {
    long each = SessionWeights.SESSION + SessionWeights.ATTACHED + RESPONSE_BYTES + 2 * 1_024;
    long opened = 0;
    Holder next = account.opening(Relief.NONE);
    while (next.reserve(Kind.SESSION, each)) {
      next.opened();
      opened++;
      next = account.opening(Relief.NONE);
    }
    return opened;
  }

  @Test
  void itSaysWhatToRaiseAndToWhat() {
    assertThat(Sizing.of(9_000, 500, 65_536, 1_000 * MIB).advice()).isEmpty();
    assertThat(Sizing.of(9_000, 500, 256, 1_000 * MIB).advice())
        .isEqualTo("ulimit -n (LimitNOFILE) to 1256");
    assertThat(Sizing.of(5_000, 20_000, 100_000, 1_000 * MIB).advice())
        .isEqualTo("-Xmx to about 1041m");
  }
}
