package cablestream.bench.load;

import cablestream.bench.control.Line;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;

/** what all clients together have seen. */
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

  /** Begins anew with events and latencies; faults go on, as those of a warm-up count as well. */
  void restart() {
    latencies = histogram();
    events = 0;
    lastAt = 0;
  }

  /** Begins anew with everything. */
  void forget() {
    restart();
    foreign = 0;
    malformed = 0;
    gaps = 0;
    broken = 0;
  }

  /** A message came to the client it was meant for. */
  void event(long dueAt, long now, boolean timed) {
    events++;
    lastAt = now;
    if (timed) {
      latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, now - dueAt)));
    }
  }

  /** A message came to another client than the one it was meant for. */
  void foreign() {
    foreign++;
  }

  /** A message was cut or changed. */
  void malformed() {
    malformed++;
  }

  /** The bridge says that it can't replay events. */
  void gap() {
    gaps++;
  }

  /** A stream or a socket ended that shouldn't have. */
  void broken() {
    broken++;
  }

  long events() {
    return events;
  }

  /** Adds all it has seen. */
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
