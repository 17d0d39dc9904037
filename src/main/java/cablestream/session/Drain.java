package cablestream.session;

import cablestream.concurrent.Fault;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends all sessions, and waits until they have ended, within a time limit. Any thread. */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final long LOOK_MILLIS = 100;

  private final Collection<Session> sessions;
  private final Collection<Session> departing;
  private final Limits.Drain limits;
  private final Timers timers;
  private final RandomGenerator random;
  private final long started;
  private final CompletableFuture<DrainReport> over = new CompletableFuture<>();
  private long deadline;
  private int total;

  /**
   * @param sessions those that have a cable, at any time
   * @param departing those that have none any more, but may have listeners that await their last
   *     event
   */
  Drain(Collection<Session> sessions, Collection<Session> departing, Environment environment) {
    this.sessions = sessions;
    this.departing = departing;
    this.limits = environment.limits().drain();
    this.timers = environment.timers();
    this.random = environment.random();
    started = timers.nanoTime();
  }

  /** Calls back once the drain is over; at once if it is already. */
  void whenOver(Consumer<DrainReport> done) {
    over.thenAccept(done)
        .exceptionally(
            fault -> {
              Fault.log(LOG, "event=task_failed", fault.getCause());
              return null;
            });
  }

  /** Waits for the notice, which is announced to tunnels; new sessions are refused already. */
  void begin() {
    if (!limits.notice().isZero()) {
      List.copyOf(sessions).forEach(session -> session.mailbox().post(session::drainAhead));
    }
    timers.after(limits.notice().toMillis(), this::endSessions);
  }

  private void endSessions() {
    List<Session> all = List.copyOf(sessions);
    total = all.size();
    deadline = timers.nanoTime() + limits.limit().toNanos();
    for (Session session : all) {
      long retry = limits.retryMillis(random);
      SessionEnding ending = SessionEnding.drain(limits, retry);
      session.mailbox().post(() -> session.end(ending));
    }
    for (Session session : List.copyOf(departing)) {
      session.mailbox().post(() -> session.end(SessionEnding.drain(limits, 0)));
    }
    look();
  }

  private void look() {
    long now = timers.nanoTime();
    List<Session> left = List.copyOf(departing);
    if (sessions.isEmpty() && left.isEmpty() || now >= deadline) {
      SessionEnding stop = SessionEnding.stop(limits.refusal(random));
      left.forEach(session -> session.mailbox().post(() -> session.end(stop)));
      long milliseconds = (now - started) / 1_000_000;
      LOG.info("event=drained sessions={} aborted={}", total, left.size());
      over.complete(new DrainReport(total, left.size(), milliseconds));
    } else {
      timers.after(LOOK_MILLIS, this::look);
    }
  }
}
