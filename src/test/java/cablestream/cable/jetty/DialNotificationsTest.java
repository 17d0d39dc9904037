package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DialNotificationsTest {
  private final DialNotifications notifications = new DialNotifications();

  @Test
  void theEndOfASocketThatIsOpenIsReported() {
    assertThat(notifications.opening()).isTrue();
    assertThat(notifications.opened()).isTrue();

    assertThat(notifications.failed()).isFalse();
    assertThat(notifications.ended()).isTrue();
  }

  @Test
  void whoReportsTheOpeningReportsTheEndThatComesMeanwhile() {
    assertThat(notifications.opening()).isTrue();

    assertThat(notifications.ended()).isFalse();
    assertThat(notifications.opened()).isFalse();
  }

  /** It is opened and cut off all the same if the upgrade is done already. */
  @Test
  void aDialThatFailedHasNoEnd() {
    assertThat(notifications.failed()).isTrue();
    assertThat(notifications.opening()).isFalse();

    assertThat(notifications.ended()).isFalse();
  }
}
