package cablestream.session;

import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log lines for what may happen to thousands of sessions at once: the first is logged at once, then
 * at most one a minute for each kind, with the number of occurrences. Any thread.
 */
final class RateLimitedLog {
  private static final Logger LOG = LoggerFactory.getLogger(RateLimitedLog.class);
  private static final int MAX_CHARACTERS = 100;

  /** The kinds of lines; the name in lower case is the line's event. */
  enum Kind {
    /** The server restarts, or the network between fails. */
    CABLE_LOST(false),
    /** The server sends unreadable frames. */
    FRAME_DROPPED(true),
    /** Browsers, or proxies between, don't read. */
    LISTENER_STALLED(false),
    /** A limit is reached. */
    SESSION_REFUSED(true),
    /** Commands reach a node without their session. */
    SESSION_UNKNOWN(true),
    /** Listeners don't read, so cables pause to stay within the budget. */
    LOG_BUDGET_EXCEEDED(true);

    private final boolean warns;

    Kind(boolean warns) {
      this.warns = warns;
    }
  }

  /** The latest occurrence. */
  private record Instance(String session, String reason) {}

  private final Map<Kind, RateLimit<Instance>> tallies = new EnumMap<>(Kind.class);

  RateLimitedLog(Timers timers) {
    for (Kind kind : Kind.values()) {
      tallies.put(kind, new RateLimit<>(timers, (times, latest) -> write(kind, times, latest)));
    }
  }

  /**
   * @param session the hash of the session, which represents all of them
   * @param reason any text, including the server's
   */
  void count(Kind kind, String session, String reason) {
    tallies.get(kind).count(new Instance(session, reason));
  }

  private static void write(Kind kind, long times, Instance latest) {
    String line = "event={} times={} session={} reason=\"{}\"";
    String event = kind.name().toLowerCase(Locale.ROOT);
    if (kind.warns) {
      LOG.warn(line, event, times, latest.session, printable(latest.reason));
    } else {
      LOG.info(line, event, times, latest.session, printable(latest.reason));
    }
  }

  /** Removes characters that could forge a line or end the value. */
  static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .limit(MAX_CHARACTERS)
        .map(c -> c < ' ' || c > '~' || c == '"' ? '?' : c)
        .forEach(printable::appendCodePoint);
    return printable.toString();
  }
}
