package cablestream.http.response;

import jakarta.servlet.ServletOutputStream;
import java.io.IOException;

/**
 * Moves what a response has been given to the container, as far as the container lets it: asked
 * before each write and each flush, and left alone from its "not ready" until it says otherwise.
 *
 * <p>Guarded by the gate of its {@link AsyncResponse}, but for {@link #progress}.
 */
final class ResponseOutput {
  private static final BufferPool POOL = new BufferPool();

  private final ServletOutputStream out;
  private final Unsent unsent = new Unsent(POOL);

  /** From the container's first onWritePossible on, except while it isn't ready. */
  private boolean writable;

  /** Bytes were taken since the last flush. */
  private boolean unflushed;

  /** What was taken has to go, with a flush after it, as soon as the container lets it. */
  private boolean letGo;

  /** Some of what was taken last was never written. */
  private boolean dropped;

  private volatile long progress;

  ResponseOutput(ServletOutputStream out) {
    this.out = out;
  }

  /** Takes bytes, of which some may be kept until {@link #letGo}; as {@link Unsent#add}. */
  void take(byte[] array, int start, int length) {
    unsent.add(array, start, length);
    unflushed = true;
  }

  /** Everything that was taken is to go out. */
  void letGo() {
    letGo |= unflushed;
  }

  /** Forgets what the container hasn't been handed. */
  void drop() {
    unsent.drop();
    dropped |= unflushed;
    letGo = false;
    unflushed = false;
  }

  /** What the container was handed last wasn't written, though it took it. */
  void writeFailed() {
    dropped = true;
  }

  /** The container may be asked again. */
  void onWritePossible() {
    writable = true;
  }

  /** Writes what has to go now. True if nothing has to wait for the container. */
  boolean advance() throws IOException {
    return write() && flush();
  }

  /** Whether something more may be taken. */
  boolean hasRoom() {
    return (!unsent.isEmpty() && !unsent.isInFlight()) || isContainerReady();
  }

  /** Whether the container is done with all that it was handed. */
  boolean isContainerReady() {
    writable = writable && out.isReady();
    if (writable) {
      unsent.landed();
    }
    return writable;
  }

  /** Whether nothing has been taken yet, nor anything written. */
  boolean isUntouched() {
    return progress == 0 && !unflushed && unsent.isEmpty();
  }

  /** Whether all that was taken has been written and flushed. */
  boolean isThrough() {
    return !unflushed && !dropped;
  }

  /** How many bytes the container has taken. Any thread. */
  long progress() {
    return progress;
  }

  private boolean write() throws IOException {
    while (unsent.isFull() || (letGo && !unsent.isEmpty())) {
      if (!isContainerReady()) {
        return false;
      }
      int length = unsent.pieceLength();
      out.write(unsent.piece(), unsent.pieceFrom(), length);
      unsent.handedOver();
      progress += length;
    }
    return true;
  }

  private boolean flush() throws IOException {
    if (letGo) {
      if (!isContainerReady()) {
        return false;
      }
      out.flush();
      letGo = false;
      unflushed = false;
    }
    return true;
  }
}
