package cablestream.bench.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Parses HTTP/1.1 messages as their bytes arrive, in pieces of any size (RFC 9112): the head as
 * text, the body in slices, without its chunks' framing. Responses to HEAD aren't supported.
 */
public final class HttpReader {
  /** Receives the parsed parts. */
  public interface Sink {
    /** The head is complete. */
    void head(Head head);

    /** A part of the body; the array may be used only until this returns. */
    void body(byte[] bytes, int from, int to);

    /** The message is complete; another may follow. */
    void end();
  }

  /**
   * The first line and the header lines, unchanged.
   *
   * @param text lines ended by CR LF, including the first one
   */
  public record Head(String text) {
    /** The status of a response. */
    public int status() {
      return Integer.parseInt(text.substring(9, 12));
    }

    /** The value of the first header line of that name; null if there is none. */
    public String value(String name) {
      String lower = "\r\n" + name.toLowerCase(Locale.ROOT) + ":";
      int at = text.toLowerCase(Locale.ROOT).indexOf(lower);
      if (at < 0) {
        return null;
      }
      int end = text.indexOf("\r\n", at + lower.length());
      return text.substring(at + lower.length(), end < 0 ? text.length() : end).trim();
    }
  }

  private enum State {
    HEAD,
    LENGTH,
    UNTIL_CLOSED,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    UPGRADED
  }

  private static final int LARGEST_HEAD = 64 * 1024;

  private final Sink sink;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(64);
  private State state = State.HEAD;
  private long left;

  public HttpReader(Sink sink) {
    this.sink = sink;
  }

  /**
   * Parses the next bytes.
   *
   * @return how many of them, counted from {@code from}, were HTTP: all, or after a 101 fewer
   * @throws IllegalArgumentException if they aren't HTTP
   */
  public int feed(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && state != State.UPGRADED) {
      at =
          switch (state) {
            case HEAD -> head(bytes, at, to);
            case LENGTH, CHUNK -> content(bytes, at, to);
            case UNTIL_CLOSED -> rest(bytes, at, to);
            default -> chunkLine(bytes, at, to);
          };
    }
    return at - from;
  }

  private int head(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      byte next = bytes[at++];
      line.write(next);
      if (next == '\n' && endsHead()) {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        line.reset();
        begin(new Head(text.substring(0, text.length() - 2)));
        return at;
      }
    }
    if (line.size() > LARGEST_HEAD) {
      throw new IllegalArgumentException("a head of more than " + LARGEST_HEAD + " bytes");
    }
    return at;
  }

  private boolean endsHead() {
    if (line.size() < 4) {
      return false;
    }
    return line.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n");
  }

  private void begin(Head head) {
    boolean response = head.text().startsWith("HTTP/");
    int status = response ? head.status() : 0;
    String length = head.value("Content-Length");
    left = length == null ? 0 : Long.parseLong(length);
    if (status == 101) {
      state = State.UPGRADED;
    } else if ("chunked".equalsIgnoreCase(head.value("Transfer-Encoding"))) {
      state = State.CHUNK_SIZE;
    } else if (length != null || status == 204 || !response) {
      state = State.LENGTH;
    } else {
      state = State.UNTIL_CLOSED;
    }
    sink.head(head);
    if (state == State.LENGTH && left == 0) {
      finish();
    }
  }

  private int content(byte[] bytes, int from, int to) {
    int end = (int) Math.min(to, from + left);
    left -= end - from;
    boolean complete = left == 0;
    sink.body(bytes, from, end);
    if (complete && state == State.CHUNK) {
      state = State.CHUNK_END;
    } else if (complete) {
      finish();
    }
    return end;
  }

  private int rest(byte[] bytes, int from, int to) {
    sink.body(bytes, from, to);
    return to;
  }

  private int chunkLine(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      byte next = bytes[at++];
      if (next == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1).trim();
        line.reset();
        endLine(text);
        return at;
      }
      line.write(next);
    }
    return at;
  }

  private void endLine(String text) {
    if (state == State.CHUNK_END) {
      state = State.CHUNK_SIZE;
    } else if (state == State.TRAILER) {
      if (text.isEmpty()) {
        finish();
      }
    } else {
      int extension = text.indexOf(';');
      left = Long.parseLong(extension < 0 ? text : text.substring(0, extension).trim(), 16);
      state = left == 0 ? State.TRAILER : State.CHUNK;
    }
  }

  private void finish() {
    state = State.HEAD;
    sink.end();
  }
}
