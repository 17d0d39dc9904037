package cablestream.bench.server;

import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.nio.ByteBuffer;

/**
 * A fixed schedule: event {@code i} goes to subscriber {@code i mod n} and is due at a tick, of
 * which there are a thousand per second. Each carries the time when it was due, whenever it is
 * written, so that delays by a bridge (or a server) are measured. One frame per write.
 */
final class PacedSending implements Sending {
  private static final long TICK = 1_000_000;

  private final Subscriber[] subscribers;
  private final Message message;
  private final ByteBuffer buffer;
  private final double eventsPerTick;
  private final long total;
  private final long start;

  /** By the subscriber's index: events of this schedule that are due, and that are written. */
  private final int[] due;

  private final int[] written;
  private long allDue;

  PacedSending(
      Subscriber[] subscribers, Message message, int rate, double seconds, long firstTick) {
    if (subscribers.length == 0) {
      throw new IllegalStateException("nobody has subscribed");
    }
    this.subscribers = subscribers;
    this.message = message;
    this.buffer = Sending.sharedBuffer(message.size(), 1);
    this.eventsPerTick = rate * (TICK / 1e9);
    this.total = (long) (rate * seconds);
    this.start = firstTick;
    this.due = new int[subscribers.length];
    this.written = new int[subscribers.length];
    for (int i = 0; i < subscribers.length; i++) {
      subscribers[i].startSending(i);
    }
  }

  @Override
  public long advance(long now) {
    long tick = (now - start) / TICK;
    long dueNow = Math.min(total, (long) (tick * eventsPerTick));
    for (; allDue < dueNow; allDue++) {
      int index = (int) (allDue % subscribers.length);
      due[index]++;
      resume(subscribers[index]);
    }
    return allDue == total ? Reactor.Ticker.NEVER : start + (tick + 1) * TICK;
  }

  @Override
  public boolean isExact() {
    return true;
  }

  @Override
  public void resume(Subscriber subscriber) {
    int index = subscriber.index();
    if (index >= subscribers.length || subscribers[index] != subscriber) {
      return; // it connected later
    }
    while (written[index] < due[index] && subscriber.isClear()) {
      long event = (long) written[index]++ * subscribers.length + index;
      buffer.clear();
      subscriber.put(buffer, message, dueTime(event));
      subscriber.write(buffer.flip());
    }
  }

  /** The time of the first tick at which this many are due. */
  private long dueTime(long event) {
    long tick = (long) Math.ceil((event + 1) / eventsPerTick);
    return start + tick * TICK;
  }

  @Override
  public boolean isOver(long now) {
    return allDue == total;
  }

  @Override
  public long unsent() {
    long unsent = 0;
    for (int i = 0; i < due.length; i++) {
      unsent += due[i] - written[i];
    }
    return unsent;
  }

  @Override
  public boolean isSettled() {
    for (Subscriber subscriber : subscribers) {
      int index = subscriber.index();
      boolean all = written[index] == due[index] && subscriber.isClear();
      if (!all && !subscriber.isLost()) {
        return false;
      }
    }
    return true;
  }
}
