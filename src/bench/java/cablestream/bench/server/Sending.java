package cablestream.bench.server;

import java.nio.ByteBuffer;

/** A way to send numbered messages to the subscribers. On the server's thread only. */
interface Sending {
  /**
   * Writes what is due.
   *
   * @return when to call it again, nanoseconds; {@code Reactor.Ticker.NEVER} while it waits for
   *     sockets to accept more
   */
  long advance(long now);

  /** Continues with a subscriber whose socket has accepted all that was written. */
  void resume(Subscriber subscriber);

  /** Whether it must be called again exactly at that time. */
  boolean isExact();

  /** Whether nothing more will become due. */
  boolean isOver(long now);

  /** The number of messages that are due and not written. */
  long unsent();

  /** Whether all due messages are written, and the sockets have accepted them. */
  boolean isSettled();

  /** The buffer in which frames are assembled; shared by all subscribers. */
  static ByteBuffer sharedBuffer(int messageSize, int frames) {
    return ByteBuffer.allocateDirect(frames * (messageSize + Subscriber.LARGEST_OVERHEAD));
  }
}
