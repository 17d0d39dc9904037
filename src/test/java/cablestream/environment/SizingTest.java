package cablestream.environment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizingTest {
  private static final long MIB = 1 << 20;

  @Test
  void theLeastOfSettingHeapAndDescriptorsIsInForce() {
    assertThat(Sizing.of(9_000, 500, 65_536, 0).sessions()).isEqualTo(500);
    assertThat(Sizing.of(9_000, 20_000, 1_256, 0).sessions()).isEqualTo(500);
    assertThat(Sizing.of(300, 20_000, 65_536, 0).sessions()).isEqualTo(300);
    assertThat(Sizing.of(9_000, 20_000, 100, 0).sessions()).isZero();
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
