package cablestream.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of all bodies that are arriving, together: whoever sends one hasn't shown yet who it
 * is, and may take its time. Any thread.
 */
final class BodyBudget {
  private final long most;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param most bytes
   */
  BodyBudget(long most) {
    this.most = most;
  }

  /**
   * A sixteenth of the heap, which may become an eighth: the G1 collector gives an array of a
   * mebibyte two. The logs may have a quarter.
   */
  static BodyBudget ofHeap() {
    return new BodyBudget(Runtime.getRuntime().maxMemory() / 16);
  }

  /** Takes so many bytes, if there are as many left. */
  boolean take(int bytes) {
    if (used.addAndGet(bytes) <= most) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  void giveBack(int bytes) {
    used.addAndGet(-bytes);
  }

  /** Bytes that are taken now. */
  long used() {
    return used.get();
  }
}
