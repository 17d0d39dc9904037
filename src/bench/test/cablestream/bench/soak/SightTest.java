package cablestream.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.bench.control.Line;
import org.junit.jupiter.api.Test;

class SightTest {
  private static final Sight BEFORE = new Sight(0, 60, 50, 20L << 20, 200L << 20);

  @Test
  void whatIsLeftBehindIsSeenWhateverItIs() {
    assertThat(new Sight(0, 70, 52, 21L << 20, 230L << 20).isAs(BEFORE)).isTrue();
    assertThat(new Sight(1, 60, 50, 20L << 20, 200L << 20).isAs(BEFORE)).isFalse();
    assertThat(new Sight(0, 1_060, 50, 20L << 20, 200L << 20).isAs(BEFORE)).isFalse();
    assertThat(new Sight(0, 60, 90, 20L << 20, 200L << 20).isAs(BEFORE)).isFalse();
    assertThat(new Sight(0, 60, 50, 40L << 20, 200L << 20).isAs(BEFORE)).isFalse();
    assertThat(new Sight(0, 60, 50, 20L << 20, 400L << 20).isAs(BEFORE)).isFalse();
  }

  @Test
  void threadsAreReadAsLinuxTellsThem() {
    assertThat(Sight.threads("Name:\tjava\nThreads:\t57\nSigQ:\t0/1\n")).isEqualTo(57);
  }

  @Test
  void failuresAreCountedByTheirReasons() {
    Failures failures = new Failures();
    failures.addOpening(
        Line.of("ok").with("reasons", "HTTP/1.1_503_busy=3;not_opened_in_time=1"), 9);
    failures.addOpening(Line.of("ok").with("reasons", ""), 1);
    failures.addRefused(
        "cablestream_requests_refused_total{status=\"503\"} 4.0\n",
        "cablestream_requests_refused_total{status=\"503\"} 7.0\n"
            + "cablestream_requests_refused_total{status=\"404\"} 0.0\n");
    assertThat(failures.asked()).isEqualTo(10);
    assertThat(failures.toString())
        .isEqualTo(
            "3 × HTTP/1.1 503 busy; 3 × answered 503 (the bridge's count); 1 × not opened in time");
  }
}
