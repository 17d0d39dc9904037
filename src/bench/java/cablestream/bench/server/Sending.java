package cablestream.bench.server;

import java.nio.ByteBuffer;

/** A way to send numbered messages to the subscribers. On the server's thread only. */
interface Sending {
  /**
   * Writes what is due.
   *
   * @return when it wants to go on, nanoseconds; {@code Reactor.Ticker.NEVER} while it waits for
   *     sockets to take more
   */
  long advance(long now);

  /** Goes on with a subscriber whose socket has taken all that was written. */
  void resume(Subscriber subscriber);

  /** Whether it wants to go on exactly at that time. */
  boolean isExact();

  /** Whether nothing will become due any more. */
  boolean isOver(long now);

  /** Messages that are due and not written. */
  long unsent();

  /** Whether all that was due is written, and the sockets have taken it. */
  boolean isSettled();

  /** Where frames are put together; shared by all subscribers. */
  static ByteBuffer sharedBuffer(int messageSize, int frames) {
    return ByteBuffer.allocateDirect(frames * (messageSize + Subscriber.LARGEST_OVERHEAD));
  }
}
