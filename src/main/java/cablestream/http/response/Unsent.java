package cablestream.http.response;

import cablestream.log.Event;
import java.util.Arrays;

/**
 * What a response has been given and its container hasn't taken yet, cut into the pieces to write.
 *
 * <p>Small events are copied together into one buffer, so that many of them cost one write. A
 * larger one is written from where it is, where it is alone or doesn't fit into a piece.
 *
 * <p>In order: the buffer's bytes, then what is left of the tail. One thread at a time.
 */
final class Unsent {
  /**
   * The most that goes into one write. Both containers keep a larger write whole, whatever the
   * client takes; and Tomcat puts up to 12 bytes of chunked coding around it, which still fit its
   * socket buffer of 8 KiB, so that a piece is one system call.
   */
  static final int PIECE = BufferPool.SIZE - 12;

  private final BufferPool pool;
  private byte[] buffer;
  private int gathered;
  private byte[] tail;
  private int tailFrom;
  private int tailTo;

  /** The buffer's bytes are being written: it must not change until the container has them. */
  private boolean inFlight;

  Unsent(BufferPool pool) {
    this.pool = pool;
  }

  boolean isEmpty() {
    return gathered == 0 && tail == null;
  }

  /** Whether a piece is ready to be written and another event could not be added before it is. */
  boolean isFull() {
    return tail != null && (gathered > 0 || tailLength() > PIECE);
  }

  /** Whether the last piece is one that the container may still be reading from. */
  boolean isInFlight() {
    return inFlight;
  }

  /**
   * Adds an event, which nobody will change if it is larger than {@link Event#COPIED}; only while
   * neither full nor in flight.
   */
  void add(byte[] array, int start, int length) {
    assert !isFull() && !inFlight;
    boolean copied = length <= Event.COPIED;
    if (gathered + tailLength() + length <= PIECE && (copied || !isEmpty())) {
      gatherTail();
      gather(array, start, length);
    } else {
      gatherTail();
      if (copied) {
        keep(Arrays.copyOfRange(array, start, start + length), 0, length);
      } else {
        keep(array, start, length);
      }
    }
  }

  /** The array that the next piece lies in. */
  byte[] piece() {
    return gathered > 0 ? buffer : tail;
  }

  /** Where in its array the next piece begins. */
  int pieceFrom() {
    return gathered > 0 ? 0 : tailFrom;
  }

  /** How long the next piece is. */
  int pieceLength() {
    return gathered > 0 ? gathered : Math.min(PIECE, tailLength());
  }

  /** The container has been handed the next piece; it may go on reading from its array. */
  void handedOver() {
    if (gathered > 0) {
      gathered = 0;
      inFlight = true;
    } else {
      tailFrom += pieceLength();
      if (tailFrom == tailTo) {
        tail = null;
      }
    }
  }

  /** The container is done with whatever it was handed. */
  void landed() {
    if (inFlight) {
      inFlight = false;
      pool.give(buffer);
      buffer = null;
    }
  }

  /** Forgets everything. A buffer in flight is left to the container. */
  void drop() {
    if (buffer != null && !inFlight) {
      pool.give(buffer);
    }
    buffer = null;
    gathered = 0;
    tail = null;
    inFlight = false;
  }

  private void keep(byte[] array, int start, int length) {
    tail = array;
    tailFrom = start;
    tailTo = start + length;
  }

  private int tailLength() {
    return tail == null ? 0 : tailTo - tailFrom;
  }

  private void gatherTail() {
    if (tail != null) {
      gather(tail, tailFrom, tailLength());
      tail = null;
    }
  }

  private void gather(byte[] array, int start, int length) {
    if (buffer == null) {
      buffer = pool.take();
    }
    System.arraycopy(array, start, buffer, gathered, length);
    gathered += length;
  }
}
