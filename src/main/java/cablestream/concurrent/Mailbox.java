package cablestream.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A serial executor: its tasks run one at a time, in order, and each sees the writes of earlier
 * ones. The state of one session is accessed inside its mailbox only.
 */
public final class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

  /**
   * After this many tasks the rest goes to the pool, so that no session occupies a thread for long.
   */
  static final int TURN = 64;

  private static final Runnable NOTHING = () -> {};

  private final Executor pool;
  private final Queue<Runnable> tasks;
  private final Runnable afterEach;
  private final Runnable turn = this::takeTurn;

  /** Tasks queued or running; the thread that raises it from 0 owns the turn. */
  private final AtomicInteger pending = new AtomicInteger();

  /** The thread inside; written only by itself, and read by others only to compare. */
  private volatile Thread inside;

  /**
   * @param pool runs its tasks, one after the other
   */
  public Mailbox(Executor pool) {
    this(pool, NOTHING);
  }

  /**
   * @param pool runs its tasks, one after the other
   * @param afterEach runs inside, at the end of each task, and handles the consequences of changes
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
   * Runs the task now on this thread if no thread is inside; otherwise the thread inside runs it.
   * From inside, the task runs after the present one.
   */
  public void run(Runnable task) {
    if (!runIfFree(task)) {
      enqueue(task, false);
    }
  }

  /**
   * Runs the task now on this thread if no thread is inside.
   *
   * @return false if one is, and nothing was done
   */
  public boolean runIfFree(Runnable task) {
    if (!pending.compareAndSet(0, 1)) {
      return false;
    }
    if (tasks.isEmpty()) {
      inside = Thread.currentThread();
      attempt(task);
      finishTurn(1);
    } else {
      // Another thread has queued a task and is about to count it. Earlier tasks may have been left
      // over by the turn that ran that task instead, and may be this thread's own.
      tasks.add(task);
      takeTurn();
    }
    return true;
  }

  /** Runs the task on the pool, after those already queued. */
  public void post(Runnable task) {
    enqueue(task, true);
  }

  /**
   * Runs the task after a pass through the pool, even from inside, so that events can gather until
   * then.
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
   * Runs queued tasks, at most one turn's worth; {@code pending} counts each task queued and each
   * just done.
   *
   * @return whether there are more; the caller then still owns the turn
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
   * Whether the pool has accepted the work. A pool that is shut down or can't start a thread
   * doesn't; the caller then runs it, since no other thread ever would.
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
      // One task's fault must not stop the session's other tasks; an uncaught one would, forever.
      Fault.log(LOG, "event=task_failed", e);
    }
  }
}
