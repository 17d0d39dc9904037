package cablestream.log;

/**
 * The cursor of a listener that reconnects: its {@code Last-Event-ID}.
 *
 * @param sessionId the session that issued it; null if it is unreadable
 * @param number the last event that the listener has received
 */
public record LastEventId(String sessionId, long number) {
  /** The end of the id of a stream's last event, in place of a number. */
  static final String END = "end";

  /** The listener has no events and starts at the beginning. */
  static final LastEventId BEGINNING = new LastEventId(null, 0);

  private static final LastEventId UNREADABLE = new LastEventId(null, -1);

  /**
   * @param text the header's or the parameter's value; null or empty for none
   * @return null for none
   */
  public static LastEventId parse(String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    if (text.equals("0")) {
      return BEGINNING;
    }
    int dash = text.lastIndexOf('-');
    if (dash < 1 || !isNumber(text, dash + 1)) {
      return UNREADABLE;
    }
    return new LastEventId(
        text.substring(0, dash), Long.parseLong(text, dash + 1, text.length(), 10));
  }

  /** Whether it is the id of a stream's last event: the listener must stop. */
  public static boolean isEnd(String text) {
    return text != null && text.endsWith("-" + END);
  }

  /** Whether it names no event, so that everything in the log follows. */
  public boolean isBeginning() {
    return this == BEGINNING;
  }

  private static boolean isNumber(String text, int from) {
    int digits = text.length() - from;
    return digits > 0 && digits < 19 && text.chars().skip(from).allMatch(c -> c >= '0' && c <= '9');
  }
}
