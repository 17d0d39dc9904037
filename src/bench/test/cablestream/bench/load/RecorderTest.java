package cablestream.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cablestream.bench.control.Line;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class RecorderTest {
  private final Recorder recorder = new Recorder();

  @Test
  void latencyIsFromDueToReadAndSurvivesTheWayToTheDriver() throws DataFormatException {
    for (int i = 1; i <= 1_000; i++) {
      recorder.event(5_000_000_000L, 5_000_000_000L + i * 1_000_000L, true);
    }

    Histogram latencies = latencies(report());

    assertThat(latencies.getTotalCount()).isEqualTo(1_000);
    assertThat(latencies.getValueAtPercentile(50) / 1e6).isCloseTo(500, within(0.5));
    assertThat(latencies.getValueAtPercentile(99) / 1e6).isCloseTo(990, within(1.0));
    assertThat(latencies.getMaxValue() / 1e6).isCloseTo(1_000, within(1.0));
  }

  @Test
  void whatIsReadLateOnPurposeCountsAsAnEventAndNotAsLatency() throws DataFormatException {
    recorder.event(0, 1_000, false);

    Line report = report();

    assertThat(report.number("events")).isEqualTo(1);
    assertThat(report.number("lastAt")).isEqualTo(1_000);
    assertThat(latencies(report).getTotalCount()).isZero();
  }

  @Test
  void aRestartForgetsLatenciesAndNoFault() throws DataFormatException {
    recorder.event(0, 1_000, true);
    recorder.broken();
    recorder.restart();
    assertThat(report().number("events")).isZero();
    assertThat(report().number("broken")).isEqualTo(1);
    assertThat(latencies(report()).getTotalCount()).isZero();

    recorder.forget();
    assertThat(report().number("broken")).isZero();
  }

  private Line report() {
    return Line.parse(recorder.report(Line.of("ok")).toString());
  }

  private static Histogram latencies(Line report) throws DataFormatException {
    byte[] bytes = Base64.getDecoder().decode(report.text("latencies"));
    return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 1);
  }
}
