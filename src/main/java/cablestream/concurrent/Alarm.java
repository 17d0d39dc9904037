package cablestream.concurrent;

/**
 * One resettable timer in a mailbox. The task runs inside the mailbox, and never after {@link
 * #clear} or a later {@link #set}: each setting has a generation, and a late timer of an older one
 * does nothing.
 */
public final class Alarm {
  private final Timers timers;
  private final Mailbox mailbox;
  private int generation;
  private Timers.Timer timer;

  /**
   * @param mailbox in which the task runs
   */
  public Alarm(Timers timers, Mailbox mailbox) {
    this.timers = timers;
    this.mailbox = mailbox;
  }

  /** Replaces the present setting. Inside the mailbox only. */
  public void set(long milliseconds, Runnable task) {
    clear();
    int mine = generation;
    timer = timers.after(milliseconds, () -> mailbox.post(() -> fire(mine, task)));
  }

  /** Inside the mailbox only. */
  public void clear() {
    assert mailbox.isInside();
    generation++;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Whether it is set and hasn't fired. Inside the mailbox only. */
  public boolean isSet() {
    return timer != null;
  }

  private void fire(int setting, Runnable task) {
    if (setting == generation) {
      timer = null;
      task.run();
    }
  }
}
