package cablestream.standalone;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * Formats the bridge's own lines unchanged. Of a library's record it writes only the logger, the
 * level and the exceptions' classes, at most once a minute for each logger: the text may be as long
 * as a client wants, and contain an events-id or a token. Any thread.
 */
public class LogLines extends SimpleFormatter {
  private static final String OURS = "cablestream";
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * Code names the loggers, so they are few; this limit is for libraries that name them otherwise.
   */
  private static final int MAX_LOGGERS = 256;

  private static final int MAX_CAUSES = 8;

  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();

  /** How often a logger has logged since its last line, and the time of that line. */
  private static final class Tally {
    private long latest = System.nanoTime() - MINUTE_NANOS;
    private long times;

    /** The number of records for a line; 0 for no line now. */
    synchronized long count() {
      times++;
      long now = System.nanoTime();
      if (now - latest < MINUTE_NANOS) {
        return 0;
      }
      latest = now;
      long counted = times;
      times = 0;
      return counted;
    }
  }

  /** Empty for a record without a line. */
  @Override
  public final String format(LogRecord line) {
    String logger = String.valueOf(line.getLoggerName());
    if (logger.equals(OURS) || logger.startsWith(OURS + ".")) {
      return text(line);
    }
    if (tallies.size() > MAX_LOGGERS) {
      tallies.clear();
    }
    long times = tallies.computeIfAbsent(logger, name -> new Tally()).count();
    return times == 0 ? "" : text(kind(line, logger, times));
  }

  /** Formats a line of the bridge's own. */
  String text(LogRecord line) {
    return super.format(line);
  }

  private static LogRecord kind(LogRecord line, String logger, long times) {
    StringBuilder message = new StringBuilder("event=library_message times=").append(times);
    Throwable each = line.getThrown();
    for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
      message.append(depth == 0 ? " fault=" : ",").append(each.getClass().getName());
      each = each.getCause();
    }
    LogRecord kind = new LogRecord(line.getLevel(), message.toString());
    kind.setInstant(line.getInstant());
    kind.setLoggerName(logger);
    // Otherwise the record would look for its caller.
    kind.setSourceClassName(logger);
    return kind;
  }

  /** The classes of an exception and its causes, and their stacks, without their messages. */
  static String stack(Throwable thrown) {
    StringBuilder stack = new StringBuilder();
    Throwable each = thrown;
    for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
      stack.append(depth == 0 ? "" : "Caused by: ").append(each.getClass().getName()).append('\n');
      for (StackTraceElement frame : each.getStackTrace()) {
        stack.append("\tat ").append(frame).append('\n');
      }
      each = each.getCause();
    }
    return stack.toString();
  }
}
