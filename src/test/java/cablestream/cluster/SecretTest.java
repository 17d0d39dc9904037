package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void aNameIsHiddenAndComesOutTheSameOnAllNodes() {
    assertThat(new Secret(SECRET).hash("an-events-id"))
        .isEqualTo(new Secret(SECRET).hash("an-events-id"))
        .hasSize(32)
        .doesNotContain("events");
    assertThat(new Secret("another-secret-of-thirty-two-characters").hash("an-events-id"))
        .isNotEqualTo(new Secret(SECRET).hash("an-events-id"));
  }
}
