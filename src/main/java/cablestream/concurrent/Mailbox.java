package cablestream.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A serial executor: its tasks run one at a time, in order, each seeing what the ones before it
 * wrote. The state of one session is touched inside its mailbox and nowhere else.
 */
public final class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

  /** After so many tasks the rest goes to the pool, so that no session holds a thread for long. */
  static final int TURN = 64;

  private static final Runnable NOTHING = () -> {};

  private final Executor pool;
  private final Queue<Runnable> tasks;
  private final Runnable afterEach;
  private final Runnable turn = this::takeTurn;

  /** Tasks queued or running; whoever raises it from 0 owns the turn. */
  private final AtomicInteger pending = new AtomicInteger();

  /** The thread inside; written only by itself, read by others only to find that it isn't them. */
  private volatile Thread inside;

  /**
   * @param pool runs its tasks, one after the other
   */
  public Mailbox(Executor pool) {
    this(pool, NOTHING);
  }

  /**
   * @param pool runs its tasks, one after the other
   * @param afterEach runs at the end of each task, inside: what follows from any change of state
   */
  public Mailbox(Executor pool, Runnable afterEach) {
    this(pool, new ConcurrentLinkedQueue<>(), afterEach);
  }

  Mailbox(Executor pool, Queue<Runnable> tasks) {
    this(pool, tasks, NOTHING);
  }

  private Mailbox(Executor pool, Queue<Runnable> tasks, Runnable afterEach) {
    this.pool = pool;
    this.tasks = tasks;
    this.afterEach = afterEach;
  }

  /**
   * Runs the task now on this thread if nobody is inside, else leaves it to whoever is. From
   * inside, the task runs after the present one.
   */
  public void run(Runnable task) {
    if (!pending.compareAndSet(0, 1)) {
      enqueue(task, false);
    } else if (tasks.isEmpty()) {
      inside = Thread.currentThread();
      attempt(task);
      finishTurn(1);
    } else {
      // Somebody has queued a task and is about to count it. What was queued before that one may
      // have been left over by the turn that took it instead, and may be this thread's own.
      tasks.add(task);
      takeTurn();
    }
  }

  /** Runs the task on the pool, after those already queued. */
  public void post(Runnable task) {
    enqueue(task, true);
  }

  /**
   * Runs the task after a trip through the pool, even from inside: so that what goes on meanwhile
   * can gather before it.
   */
  public void defer(Runnable task) {
    if (!isTaken(() -> run(task))) {
      run(task);
    }
  }

  /** Whether the calling thread is inside; for assertions. */
  public boolean isInside() {
    return inside == Thread.currentThread();
  }

  private void enqueue(Runnable task, boolean toPool) {
    tasks.add(task);
    if (pending.getAndIncrement() == 0) {
      if (!toPool || !isTaken(turn)) {
        takeTurn();
      }
    }
  }

  private void takeTurn() {
    inside = Thread.currentThread();
    finishTurn(0);
  }

  private void finishTurn(int alreadyDone) {
    boolean tasksAreLeft = runSome(alreadyDone);
    while (tasksAreLeft && !isTaken(turn)) {
      inside = Thread.currentThread();
      tasksAreLeft = runSome(0);
    }
  }

  /**
   * Runs what is queued, a turn's worth at most; {@code pending} counts each task queued and each
   * just done.
   *
   * @return whether there is more; the turn is then the caller's still
   */
  private boolean runSome(int alreadyDone) {
    int done = alreadyDone;
    while (done < TURN) {
      if (done < pending.get()) {
        attempt(tasks.remove());
        done++;
      } else {
        inside = null;
        if (pending.compareAndSet(done, 0)) {
          return false;
        }
        inside = Thread.currentThread();
      }
    }
    inside = null;
    return pending.addAndGet(-done) > 0;
  }

  /**
   * Whether the pool has taken it. One that is shut down doesn't, nor one that can't start a
   * thread; then whoever asks does the work itself, since nobody else would, ever.
   */
  private boolean isTaken(Runnable work) {
    try {
      pool.execute(work);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return false;
    }
  }

  private void attempt(Runnable task) {
    try {
      try {
        task.run();
      } finally {
        afterEach.run();
      }
    } catch (Throwable e) {
      // One task's fault must not stop the session's others; an uncaught one would, for ever.
      Fault.tell(LOG, "event=task_failed", e);
    }
  }
}
