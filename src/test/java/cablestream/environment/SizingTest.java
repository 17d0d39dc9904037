package cablestream.environment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizingTest {
  private static final long MIB = 1 << 20;

  @Test
  void theLeastOfSettingHeapAndDescriptorsIsInForce() {
    assertThat(Sizing.of(9_000, 500, 65_536).sessions()).isEqualTo(500);
    assertThat(Sizing.of(9_000, 20_000, 1_256).sessions()).isEqualTo(500);
    assertThat(Sizing.of(300, 20_000, 65_536).sessions()).isEqualTo(300);
    assertThat(Sizing.of(9_000, 20_000, 100).sessions()).isZero();
  }

  @Test
  void itSaysWhatToRaiseAndToWhat() {
    assertThat(Sizing.of(9_000, 500, 65_536).advice(2_000 * MIB)).isEmpty();
    assertThat(Sizing.of(9_000, 500, 256).advice(2_000 * MIB))
        .isEqualTo("ulimit -n (LimitNOFILE) to 1256");
    assertThat(Sizing.of(5_000, 20_000, 100_000).advice(512 * MIB))
        .isEqualTo("-Xmx to about 2049m");
  }
}
