package cablestream.session;

import cablestream.concurrent.Timers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Examines many sessions, each in its own mailbox, a few at a time so that their other work isn't
 * delayed, within a time limit. Any thread; nothing blocks.
 */
final class Survey {
  private static final int AT_ONCE = 64;

  private final Queue<Session> remaining;
  private final Queue<SessionSnapshot> seen = new ConcurrentLinkedQueue<>();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final boolean withTransitions;
  private final Consumer<List<SessionSnapshot>> done;

  private Survey(
      Collection<Session> sessions, boolean withTransitions, Consumer<List<SessionSnapshot>> done) {
    this.withTransitions = withTransitions;
    remaining = new ConcurrentLinkedQueue<>(sessions);
    this.done = done;
  }

  /**
   * Calls back once, on the thread that examined the last of them or that noticed the time limit.
   *
   * @param withTransitions whether to include the latest transitions of each
   * @param milliseconds the time limit; later results are ignored
   */
  static void of(
      Collection<Session> sessions,
      boolean withTransitions,
      Timers timers,
      long milliseconds,
      Consumer<List<SessionSnapshot>> done) {
    Survey survey = new Survey(sessions, withTransitions, done);
    Timers.Timer limit = timers.after(milliseconds, survey::finish);
    survey.active.set(AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
      survey.next(limit);
    }
  }

  private void next(Timers.Timer limit) {
    Session session = over.get() ? null : remaining.poll();
    if (session != null) {
      session
          .mailbox()
          .post(
              () -> {
                SessionSnapshot snapshot = session.snapshot(withTransitions);
                if (snapshot != null) {
                  seen.add(snapshot);
                }
                next(limit);
              });
    } else if (active.decrementAndGet() == 0) {
      limit.cancel();
      finish();
    }
  }

  private void finish() {
    if (over.compareAndSet(false, true)) {
      done.accept(new ArrayList<>(seen));
    }
  }
}
