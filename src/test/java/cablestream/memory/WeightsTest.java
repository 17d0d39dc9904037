package cablestream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WeightsTest {
  @Test
  void aCharacterOutsideLatin1DoublesAString() {
    assertThat(Weights.of("ü".repeat(1_000))).isEqualTo(40 + 1_000);
    assertThat(Weights.of("ü".repeat(999) + "€")).isEqualTo(40 + 2_000);
    assertThat(Weights.of(null)).isZero();
  }

  @Test
  void anArrayHasAHeaderAndIsPadded() {
    assertThat(Weights.ofBytes(1)).isEqualTo(24);
    assertThat(Weights.ofBytes(8)).isEqualTo(24);
  }
}
