package cablestream.delivery;

/**
 * How long events wait for their listener, measured with one at a time and one a second at most:
 * keeping the time of each would cost more than sending it.
 */
final class WaitSample {
  private static final long PAUSE_NANOS = 1_000_000_000;

  /** The event's number; 0 while none is measured. */
  private long number;

  /** When it, or else the one before, was appended. */
  private long since;

  WaitSample(long now) {
    since = now - PAUSE_NANOS;
  }

  /** An event was appended. */
  void appended(long newest, long now) {
    if (number == 0 && now - since >= PAUSE_NANOS) {
      number = newest;
      since = now;
    }
  }

  /** Whether the event that is measured is among those up to a position. */
  boolean isWithin(long position) {
    return number != 0 && number <= position;
  }

  /** Ends the measurement, and tells the event's wait in nanoseconds. */
  long end(long now) {
    number = 0;
    return now - since;
  }
}
