package cablestream.http.response;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A few buffers that all responses share. A response holds one only from the first small event it
 * is given until the container has taken it, so an idle stream holds none.
 *
 * <p>Any thread.
 */
final class BufferPool {
  static final int SIZE = 8 * 1024;

  /** Spare buffers kept; more streams than this are rarely in the middle of a write at once. */
  private static final int SPARE = 64;

  private final BlockingQueue<byte[]> spare = new ArrayBlockingQueue<>(SPARE);

  /** A buffer of {@link #SIZE} bytes with anything in it. */
  byte[] take() {
    byte[] buffer = spare.poll();
    return buffer != null ? buffer : new byte[SIZE];
  }

  /** Takes a buffer back that nobody looks at any more. */
  void give(byte[] buffer) {
    spare.offer(buffer);
  }
}
