package cablestream.http.response;

import cablestream.log.Event;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The data of a response that its container hasn't accepted yet, divided into pieces.
 *
 * <p>Small events are copied together into one array, so that many of them cost one write. A larger
 * one is written from its own array if it is alone or doesn't fit into a piece.
 *
 * <p>In order: the gathered bytes, then the rest of the large event. Not thread-safe.
 */
final class WriteBuffer {
  private static final int SIZE = 8 * 1024;

  /**
   * The largest write. Both containers keep a larger one whole until the client has read it; and
   * Tomcat adds up to 12 bytes of chunked coding, which still fit into its socket buffer of 8 KiB,
   * so that a piece is one system call.
   */
  static final int PIECE = SIZE - 12;

  /**
   * Arrays that all responses share. A response has one only from its first small event until the
   * container has accepted it, so an idle stream has none; more streams than this are rarely in the
   * middle of a write at once.
   */
  private static final BlockingQueue<byte[]> SPARE = new ArrayBlockingQueue<>(64);

  private byte[] gathered;
  private int gatheredLength;
  private byte[] tail;
  private int tailFrom;
  private int tailTo;

  /**
   * The gathered bytes are being written: they must not change until the container has finished.
   */
  private boolean inFlight;

  boolean isEmpty() {
    return gatheredLength == 0 && tail == null;
  }

  /** Whether a piece is ready, and no event can be added before it is written. */
  boolean isFull() {
    return tail != null && (gatheredLength > 0 || tailTo - tailFrom > PIECE);
  }

  /** The length of the large event that isn't completely written; 0 for none. */
  int largeBytes() {
    return tail == null || tail.length <= Event.COPIED ? 0 : tail.length;
  }

  /** Whether an event can be added, whatever the container is doing. */
  boolean hasRoom() {
    return !isEmpty() && !inFlight && !isFull();
  }

  /**
   * Adds an event, which never changes if it is larger than {@link Event#COPIED}; only while
   * neither full nor in flight.
   */
  void add(byte[] array, int start, int length) {
    assert !isFull() && !inFlight;
    boolean copied = length <= Event.COPIED;
    boolean fits = gatheredLength + tailTo - tailFrom + length <= PIECE;
    if (tail != null) {
      gather(tail, tailFrom, tailTo - tailFrom);
      keep(null, 0, 0);
    }
    if (fits && (copied || gatheredLength > 0)) {
      gather(array, start, length);
    } else if (copied) {
      keep(Arrays.copyOfRange(array, start, start + length), 0, length);
    } else {
      keep(array, start, start + length);
    }
  }

  /** Writes the next piece, whose array the container may read later; returns its length. */
  int writeTo(ServletOutputStream out) throws IOException {
    int length = gatheredLength;
    if (length > 0) {
      out.write(gathered, 0, length);
      gatheredLength = 0;
      inFlight = true;
    } else {
      length = Math.min(PIECE, tailTo - tailFrom);
      out.write(tail, tailFrom, length);
      tailFrom += length;
      if (tailFrom == tailTo) {
        keep(null, 0, 0);
      }
    }
    return length;
  }

  /** The container has finished all writes. */
  void written() {
    if (inFlight) {
      inFlight = false;
      SPARE.offer(gathered);
      gathered = null;
    }
  }

  /** Discards everything, except what is in flight. */
  void drop() {
    if (gathered != null && !inFlight) {
      SPARE.offer(gathered);
    }
    gathered = null;
    gatheredLength = 0;
    inFlight = false;
    keep(null, 0, 0);
  }

  private void keep(byte[] array, int from, int to) {
    tail = array;
    tailFrom = from;
    tailTo = to;
  }

  private void gather(byte[] array, int start, int length) {
    if (gathered == null) {
      byte[] spare = SPARE.poll();
      gathered = spare == null ? new byte[SIZE] : spare;
    }
    System.arraycopy(array, start, gathered, gatheredLength, length);
    gatheredLength += length;
  }
}
