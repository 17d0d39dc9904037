package cablestream.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The current time as events contain it: RFC 3339, UTC, milliseconds. Everything but the
 * milliseconds is formatted once a second.
 */
public final class EventTime {
  /** The length of {@code 2026-01-31T23:59:59.999Z}. */
  static final int LENGTH = 24;

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

  private final InstantSource clock;

  /** Replaced as a whole, so that threads can update it concurrently. */
  private volatile Second latest = new Second(Long.MIN_VALUE, new byte[0]);

  private record Second(long epochSecond, byte[] text) {}

  public EventTime(InstantSource clock) {
    this.clock = clock;
  }

  /** Writes the time at the position, and returns the position after it. */
  int write(byte[] target, int at) {
    long millis = clock.millis();
    long epochSecond = Math.floorDiv(millis, 1000L);
    Second second = latest;
    if (second.epochSecond != epochSecond) {
      second = new Second(epochSecond, format(epochSecond));
      latest = second;
    }
    System.arraycopy(second.text, 0, target, at, second.text.length);
    int fraction = (int) Math.floorMod(millis, 1000L);
    target[at + 20] = (byte) ('0' + fraction / 100);
    target[at + 21] = (byte) ('0' + fraction / 10 % 10);
    target[at + 22] = (byte) ('0' + fraction % 10);
    target[at + 23] = 'Z';
    return at + LENGTH;
  }

  String text() {
    byte[] text = new byte[LENGTH];
    write(text, 0);
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static byte[] format(long epochSecond) {
    return SECONDS.format(Instant.ofEpochSecond(epochSecond)).getBytes(StandardCharsets.US_ASCII);
  }
}
