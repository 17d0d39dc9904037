package cablestream.cluster;

import cablestream.concurrent.Fault;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that wait for the store. All waiting requests are looked up together, so that a distant
 * store costs each of them its round trips once, however many there are. Each is answered within
 * {@link #DEADLINE_MILLIS}, whatever the store does. Any thread.
 */
final class LookUps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LookUps.class);

  /** Longer than {@link Cluster} waits for a store that doesn't answer. */
  private static final long DEADLINE_MILLIS = 3_000;

  private static final int MAX_WAITING = 4_096;

  /** The largest number of requests that are looked up together. */
  private static final int BATCH = 512;

  /** More than one, so that a batch with a late answer doesn't delay the next. */
  static final int THREADS = 4;

  private final class LookUp {
    private final Question question;
    private final Consumer<Place> then;
    private final Holder holder;
    private final Timers.Timer deadline;
    private final AtomicBoolean answered = new AtomicBoolean();

    LookUp(Question question, Consumer<Place> then, Holder holder) {
      this.question = question;
      this.then = then;
      this.holder = holder;
      deadline = timers.after(DEADLINE_MILLIS, () -> pool.execute(this::expire));
    }

    private void expire() {
      forget(this);
      answer(new Place.Unknown());
    }

    /** Only the first answer counts. */
    void answer(Place place) {
      if (!answered.compareAndSet(false, true)) {
        return;
      }
      deadline.cancel();
      holder.close();
      try {
        then.accept(place);
      } catch (Throwable e) {
        Fault.log(LOG, "event=request_failed", e); // the others wait for their answers
      }
    }
  }

  private final Function<List<Question>, List<Place>> asker;
  private final Timers timers;
  private final Executor pool;
  private final Account account;
  private final Executor threads;

  private final Object lock = new Object();

  // Guarded by the lock: those that wait for a thread, in order of arrival.
  private final Set<LookUp> waiting = new LinkedHashSet<>();
  private final FairShares<LookUp> shares = new FairShares<>();
  private int working;
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param asker the places of the questions, in the same order; waits for the store
   * @param timers start the deadlines
   * @param pool runs what follows from one
   * @param account is charged for waiting requests
   * @param threads may wait for the store; at most {@link #THREADS} are occupied
   */
  LookUps(
      Function<List<Question>, List<Place>> asker,
      Timers timers,
      Executor pool,
      Account account,
      Executor threads) {
    this.asker = asker;
    this.timers = timers;
    this.pool = pool;
    this.account = account;
    this.threads = threads;
  }

  /**
   * Looks the session up. If there is no room, the oldest question of the network with the most of
   * them is evicted, or this one is {@link Place.Busy}.
   *
   * @param then receives the place, once, on any thread
   */
  void add(Question question, Consumer<Place> then) {
    if (!enter(question, then) && !(displace(question) && enter(question, then))) {
      then.accept(new Place.Busy());
    }
  }

  /** False if there is no memory, or too many wait. */
  private boolean enter(Question question, Consumer<Place> then) {
    Holder holder = account.holder();
    if (!holder.reserve(Kind.LOOKUP, question.weight())) {
      return false;
    }
    synchronized (lock) {
      if (!closed && waiting.size() < MAX_WAITING) {
        LookUp added = new LookUp(question, then, holder);
        waiting.add(added);
        shares.put(question.network(), added, 1);
        startThread();
        return true;
      }
    }
    holder.close();
    return false;
  }

  /**
   * With the lock. If no thread can be started, what waits is looked up by a thread that works
   * already, or by the next one that is started, or expires.
   */
  private void startThread() {
    if (working < THREADS) {
      try {
        threads.execute(this::work);
        working++;
      } catch (OutOfMemoryError e) {
        Fault.log(LOG, "event=task_failed", e);
      }
    }
  }

  /** Whether a question was evicted. */
  private boolean displace(Question newcomer) {
    String network = newcomer.network();
    LookUp displaced;
    synchronized (lock) {
      displaced = shares.takeOldest(network, shares.total(network) + 1);
      waiting.remove(displaced);
    }
    if (displaced != null) {
      displaced.answer(new Place.Busy());
    }
    return displaced != null;
  }

  private void forget(LookUp lookUp) {
    synchronized (lock) {
      waiting.remove(lookUp);
      shares.remove(lookUp.question.network(), lookUp);
    }
  }

  private void work() {
    List<LookUp> batch = next();
    while (!batch.isEmpty()) {
      try {
        List<Place> places = asker.apply(batch.stream().map(each -> each.question).toList());
        for (int i = 0; i < places.size(); i++) {
          batch.get(i).answer(places.get(i));
        }
      } catch (Throwable e) {
        Fault.log(LOG, "event=task_failed", e);
      } finally {
        batch.forEach(each -> each.answer(new Place.Unknown()));
      }
      batch = next();
    }
  }

  private List<LookUp> next() {
    List<LookUp> batch = new ArrayList<>();
    synchronized (lock) {
      for (Iterator<LookUp> all = waiting.iterator(); all.hasNext() && batch.size() < BATCH; ) {
        LookUp lookUp = all.next();
        all.remove();
        shares.remove(lookUp.question.network(), lookUp);
        batch.add(lookUp);
      }
      if (batch.isEmpty()) {
        working--;
      }
    }
    return batch;
  }

  /** Waiting requests become {@link Place.Busy}. */
  @Override
  public void close() {
    List<LookUp> rest;
    synchronized (lock) {
      closed = true;
      rest = List.copyOf(waiting);
      waiting.clear();
    }
    rest.forEach(each -> each.answer(new Place.Busy()));
  }
}
