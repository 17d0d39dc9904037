package cablestream.http.response;

import cablestream.browser.Listener.PollAnswer;
import cablestream.log.EscapedData;
import cablestream.log.Event;
import cablestream.text.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A poll's answer as JSON in UTF-8. The data of channels' events is JSON already and is copied
 * unchanged, so neither digits nor the order of keys can change. A tunnel's frames are escaped, and
 * may become six times as long.
 *
 * <p>It is made as a whole, in one array, or piece by piece if it has a large event.
 */
final class PollBody implements NonBlockingResponse.Pieces {
  /** The approximate length of an answer without its messages; a subscription adds 35 bytes. */
  private static final int FRAME = 256;

  /** The size of an event's parts until they are written, and of the head of an escaped one. */
  private static final int MESSAGE = 64;

  private static final int ESCAPED = 512;

  /** Bytes that are copied unchanged. */
  private record Bytes(byte[] array, int from, int length) {
    static Bytes of(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return new Bytes(bytes, 0, bytes.length);
    }
  }

  private static final Bytes BEGIN = Bytes.of("{\"messages\":[");
  private static final Bytes COMMA = Bytes.of(",");
  private static final Bytes END_OF_FRAME = Bytes.of("\"}");

  /** {@link Bytes} and {@link EscapedData}, in order. */
  private final Deque<Object> parts = new ArrayDeque<>();

  private final long length;

  private PollBody(PollAnswer answer, boolean isKept) {
    Bytes separator = BEGIN;
    for (Event event : answer.events()) {
      parts.add(separator);
      message(event, isKept);
      separator = COMMA;
    }
    if (answer.events().isEmpty()) {
      parts.add(BEGIN);
    }
    parts.add(Bytes.of(tail(answer)));
    long sum = 0;
    for (Object part : parts) {
      sum += part instanceof EscapedData data ? data.length() : ((Bytes) part).length;
    }
    length = sum;
  }

  /** Encodes the whole answer. */
  static byte[] of(PollAnswer answer) {
    PollBody body = new PollBody(answer, false);
    return body.next(Math.toIntExact(body.length));
  }

  /** The same, encoded later: of large events it stores the arrays, which never change. */
  static PollBody inPieces(PollAnswer answer) {
    return new PollBody(answer, true);
  }

  /** Whether encoding in pieces is better: one event, which needn't be copied, is most of it. */
  static boolean isForPieces(PollAnswer answer) {
    return large(answer) == 1;
  }

  /** The number of its large events. */
  static long large(PollAnswer answer) {
    return answer.events().stream().filter(event -> event.length() > Event.COPIED).count();
  }

  /** Its approximate size in the heap, in bytes. */
  static long size(PollAnswer answer) {
    long size = FRAME + 35L * answer.channels().size();
    boolean grows = !isForPieces(answer);
    for (Event event : answer.events()) {
      size += MESSAGE + event.length();
      if (grows && isEscaped(event)) {
        size += ESCAPED + event.escapedData().length() - event.dataLength();
      }
    }
    return size;
  }

  @Override
  public long length() {
    return length;
  }

  /** At most {@code max} bytes; null at the end. */
  @Override
  public byte[] next(int max) {
    byte[] piece = new byte[max];
    int at = 0;
    boolean fits = true;
    while (fits && !parts.isEmpty()) {
      Object part = parts.remove();
      if (part instanceof EscapedData data) {
        at = data.write(piece, at, max);
        fits = data.isWritten();
      } else {
        Bytes bytes = (Bytes) part;
        int count = Math.min(bytes.length, max - at);
        System.arraycopy(bytes.array, bytes.from, piece, at, count);
        at += count;
        fits = count == bytes.length;
        part = new Bytes(bytes.array, bytes.from + count, bytes.length - count);
      }
      if (!fits) {
        parts.addFirst(part);
      }
    }
    return at == max ? piece : at == 0 ? null : Arrays.copyOf(piece, at);
  }

  private void message(Event event, boolean isKept) {
    Event lasting = isKept && event.length() <= Event.COPIED ? event.copy() : event;
    if (isEscaped(event)) {
      StringBuilder head = JsonText.quote(new StringBuilder("{\"id\":"), event.id());
      head.append(",\"type\":\"").append(event.kind().type()).append("\",\"data\":\"");
      parts.add(Bytes.of(head.toString()));
      parts.add(lasting.escapedData());
      parts.add(END_OF_FRAME);
    } else {
      parts.add(new Bytes(lasting.array(), lasting.dataStart(), lasting.dataLength()));
    }
  }

  private static boolean isEscaped(Event event) {
    return switch (event.kind()) {
      case MESSAGE, GAP -> false;
      case FRAME, OPENED, DRAIN, CLOSE -> true;
    };
  }

  private static String tail(PollAnswer answer) {
    StringBuilder rest = new StringBuilder(FRAME);
    JsonText.quote(rest.append("],\"session_id\":"), answer.sessionId());
    rest.append(",\"dropped\":").append(answer.dropped());
    rest.append(",\"queue_length\":").append(answer.queueLength());
    return list(answer.channels(), rest.append(",\"channels\":")).append('}').toString();
  }

  private static StringBuilder list(List<String> texts, StringBuilder json) {
    char separator = '[';
    for (String text : texts) {
      JsonText.quote(json.append(separator), text);
      separator = ',';
    }
    return json.append(texts.isEmpty() ? "[]" : "]");
  }
}
