package cablestream.bench.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Parses the events of an event stream as its bytes arrive, in pieces of any size (HTML,
 * "Server-sent events", 9.2.6; a lone CR, which no server sends, doesn't end a line here). An event
 * that is complete in the received bytes, with its data on one line, isn't copied.
 */
public final class SseReader {
  /** Receives each event; the array may be used only until this returns. */
  @FunctionalInterface
  public interface Sink {
    void event(byte[] bytes, int dataFrom, int dataTo);
  }

  private static final int RETAINED_BYTES = 8 * 1024;

  private final Sink sink;
  private byte[] kept = {};
  private int keptLength;

  /** Whether the kept bytes end at the beginning of a line, so that a line break ends the event. */
  private boolean atLineStart = true;

  private long retryMillis = -1;

  public SseReader(Sink sink) {
    this.sink = sink;
  }

  /** The stream's last retry time, in milliseconds; negative if it has sent none. */
  public long retryMillis() {
    return retryMillis;
  }

  /** Parses the next bytes of the stream's body. */
  public void feed(byte[] bytes, int from, int to) {
    int at = from;
    if (keptLength > 0) {
      int end = endOfEvent(bytes, from, to);
      keep(bytes, from, end < 0 ? to : end);
      if (end < 0) {
        return;
      }
      int length = keptLength;
      keptLength = 0;
      events(kept, 0, length);
      if (kept.length > RETAINED_BYTES) {
        kept = new byte[0];
      }
      at = end;
    }
    int done = events(bytes, at, to);
    if (done < to) {
      atLineStart = true;
      endOfEvent(bytes, done, to);
      keep(bytes, done, to);
    }
  }

  /** The index after the blank line that ends the event; -1 if it hasn't arrived yet. */
  private int endOfEvent(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      byte next = bytes[at];
      if (next == '\n') {
        if (atLineStart) {
          return at + 1;
        }
        atLineStart = true;
      } else if (next != '\r') {
        atLineStart = false;
      }
    }
    return -1;
  }

  /** Passes on all complete events; returns where the first incomplete one begins. */
  private int events(byte[] bytes, int from, int to) {
    int event = from;
    int line = from;
    int dataFrom = -1;
    int dataTo = -1;
    int dataLines = 0;
    for (int end = lineEnd(bytes, line, to); end >= 0; end = lineEnd(bytes, line, to)) {
      int textEnd = end > line && bytes[end - 1] == '\r' ? end - 1 : end;
      if (textEnd == line) {
        dispatch(bytes, event, end, dataFrom, dataTo, dataLines);
        event = end + 1;
        dataLines = 0;
      } else if (isData(bytes, line, textEnd)) {
        dataFrom = valueStart(bytes, line + 5, textEnd);
        dataTo = textEnd;
        dataLines++;
      } else if (bytes[line] == 'r') {
        readRetry(new String(bytes, line, textEnd - line, StandardCharsets.UTF_8));
      }
      line = end + 1;
    }
    return event;
  }

  private void readRetry(String text) {
    if (text.startsWith("retry:")) {
      retryMillis = Long.parseLong(text.substring("retry:".length()).strip());
    }
  }

  private static int lineEnd(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        return at;
      }
    }
    return -1;
  }

  private static boolean isData(byte[] bytes, int from, int to) {
    return to - from >= 5
        && bytes[from] == 'd'
        && bytes[from + 1] == 'a'
        && bytes[from + 2] == 't'
        && bytes[from + 3] == 'a'
        && bytes[from + 4] == ':';
  }

  private static int valueStart(byte[] bytes, int from, int to) {
    return from < to && bytes[from] == ' ' ? from + 1 : from;
  }

  private void dispatch(byte[] bytes, int from, int to, int dataFrom, int dataTo, int dataLines) {
    if (dataLines == 1) {
      sink.event(bytes, dataFrom, dataTo);
    } else if (dataLines > 1) {
      byte[] joined = joined(bytes, from, to);
      sink.event(joined, 0, joined.length);
    }
  }

  private static byte[] joined(byte[] bytes, int from, int to) {
    byte[] data = new byte[to - from];
    int length = 0;
    int line = from;
    for (int end = lineEnd(bytes, line, to); end >= 0; end = lineEnd(bytes, line, to)) {
      int textEnd = end > line && bytes[end - 1] == '\r' ? end - 1 : end;
      if (isData(bytes, line, textEnd)) {
        int start = valueStart(bytes, line + 5, textEnd);
        System.arraycopy(bytes, start, data, length, textEnd - start);
        length += textEnd - start;
        data[length++] = '\n';
      }
      line = end + 1;
    }
    return Arrays.copyOf(data, length - 1);
  }

  private void keep(byte[] bytes, int from, int to) {
    int needed = keptLength + to - from;
    if (needed > kept.length) {
      kept = Arrays.copyOf(kept, Math.max(needed, 2 * kept.length));
    }
    System.arraycopy(bytes, from, kept, keptLength, to - from);
    keptLength = needed;
  }
}
