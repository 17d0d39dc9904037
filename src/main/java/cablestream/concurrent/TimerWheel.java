package cablestream.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All timers of all sessions on one thread: a ring of slots, one for each tick of 250 ms. Setting
 * and cancelling cost the same for any number of timers, and a timer fires at its time or up to one
 * tick later. A cancelled timer is removed at once: every response sets one for a minute, so those
 * of a client that sends requests as fast as it can would otherwise fill the heap.
 *
 * <p>A {@code ScheduledThreadPoolExecutor} was tried in its place. To set and cancel a timer beside
 * 10,000 took 1 µs and 120 to 140 bytes, here 0.1 to 0.2 µs and 40 bytes ({@code TimerBenchmark});
 * with four threads 1.6 to 2.0 µs, here 0.7 µs, and as much as here only if others were due before.
 * The bridge's CPU per event, relative to the server's own without the bridge, was 13 % more paced,
 * 5 % echoed and 4 % polled. These are medians of three pairs whose spread is larger, so they don't
 * prove a difference ({@code mvn -f src/bench/pom.xml verify -Dscenarios=setup,paced,echo,poll
 * -Dcontainers=jetty}, two cores at 2.5 GHz, Java 17).
 */
public final class TimerWheel implements Timers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);
  private static final long TICK_NANOS = 250_000_000;
  private static final int SLOTS = 512;

  /** Both ends of each slot's list, which is a ring. */
  private final Entry[] slots;

  private final Thread thread;
  private final long started = System.nanoTime();
  private volatile boolean closed;

  /** The tick whose slot is emptied next; written by the wheel's thread under {@code slots}. */
  private long tick = 1;

  /** When that tick is due; read without the lock, which a stuck thread might hold. */
  private volatile long dueNanos = started + TICK_NANOS;

  /** Starts its thread. */
  public TimerWheel() {
    this(SLOTS, task -> new Thread(task, "cablestream-timer"));
  }

  /**
   * @param size the number of slots
   * @param threads makes the wheel's thread
   */
  TimerWheel(int size, ThreadFactory threads) {
    slots = new Entry[size];
    for (int i = 0; i < size; i++) {
      slots[i] = new Entry(null);
    }
    thread = threads.newThread(this::turn);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Timer after(long milliseconds, Runnable task) {
    long due = System.nanoTime() - started + Math.max(0, milliseconds) * 1_000_000;
    Entry entry = new Entry(task);
    synchronized (slots) {
      entry.dueTick = Math.max(tick, (due + TICK_NANOS - 1) / TICK_NANOS);
      entry.insertBefore(slots[(int) (entry.dueTick % slots.length)]);
    }
    return entry;
  }

  @Override
  public long lateMillis() {
    return Math.max(0, (System.nanoTime() - dueNanos) / 1_000_000);
  }

  /** Stops the thread; timers that are still set never fire. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing thrown here may end this thread, and with it all sessions' timers. */
  private void turn() {
    while (!closed) {
      try {
        long wait = dueNanos - System.nanoTime();
        if (wait > 0) {
          Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
        tick();
      } catch (InterruptedException closing) {
        // The loop checks for the end.
      } catch (Throwable e) {
        Fault.log(LOG, "event=timer_failed", e);
      }
    }
  }

  /** On the wheel's thread, once for each tick. */
  void tick() {
    for (Entry entry : takeDue()) {
      // It may be closed without waiting any longer, while one task doesn't return.
      if (!closed) {
        entry.fire();
      }
    }
  }

  private List<Entry> takeDue() {
    List<Entry> due = new ArrayList<>();
    synchronized (slots) {
      Entry end = slots[(int) (tick % slots.length)];
      for (Entry entry = end.next; entry != end; ) {
        Entry next = entry.next;
        if (entry.dueTick <= tick) {
          entry.remove();
          due.add(entry);
        }
        entry = next;
      }
      tick++;
      dueNanos += TICK_NANOS;
    }
    return due;
  }

  private final class Entry implements Timer {
    private volatile Runnable task;

    // Guarded by slots.
    private long dueTick;
    private Entry previous = this;
    private Entry next = this;

    Entry(Runnable task) {
      this.task = task;
    }

    void insertBefore(Entry other) {
      next = other;
      previous = other.previous;
      previous.next = this;
      other.previous = this;
    }

    /** Idempotent. */
    void remove() {
      previous.next = next;
      next.previous = previous;
      next = this;
      previous = this;
    }

    @Override
    public void cancel() {
      task = null;
      synchronized (slots) {
        remove();
      }
    }

    void fire() {
      Runnable mine = task;
      if (mine != null) {
        try {
          mine.run();
        } catch (Throwable e) {
          Fault.log(LOG, "event=timer_failed", e);
        }
      }
    }
  }
}
