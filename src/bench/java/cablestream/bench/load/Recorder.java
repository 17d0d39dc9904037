package cablestream.bench.load;

import cablestream.bench.control.Line;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/** What all clients together have received. */
final class Recorder {
  private static final long LONGEST_NANOS = 600_000_000_000L;
  private static final int DIGITS = 3;

  private Histogram latencies = histogram();
  private long events;
  private long lastAt;
  private long foreign;
  private long malformed;
  private long gaps;
  private long broken;

  static Histogram histogram() {
    return new Histogram(LONGEST_NANOS, DIGITS);
  }

  /** Resets events and latencies, but not faults: those of a warm-up count as well. */
  void restart() {
    latencies = histogram();
    events = 0;
    lastAt = 0;
  }

  /** Resets everything. */
  void forget() {
    restart();
    foreign = 0;
    malformed = 0;
    gaps = 0;
    broken = 0;
  }

  /** A message arrived at its recipient. */
  void event(long dueAt, long now, boolean timed) {
    events++;
    lastAt = now;
    if (timed) {
      latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, now - dueAt)));
    }
  }

  /** A message arrived at another client than its recipient. */
  void foreign() {
    foreign++;
  }

  /** A message was truncated or changed. */
  void malformed() {
    malformed++;
  }

  /** The bridge announced that it can't replay events. */
  void gap() {
    gaps++;
  }

  /** A stream or a socket ended unexpectedly. */
  void broken() {
    broken++;
  }

  long events() {
    return events;
  }

  /** Adds all that was received. */
  Line report(Line answer) {
    return answer
        .with("events", events)
        .with("lastAt", lastAt)
        .with("foreign", foreign)
        .with("malformed", malformed)
        .with("gaps", gaps)
        .with("broken", broken)
        .with("latencies", encode(latencies));
  }

  /** A histogram as text without white space. */
  static String encode(Histogram histogram) {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
  }
}
