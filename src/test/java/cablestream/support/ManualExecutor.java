package cablestream.support;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** A pool whose tasks run when the test says so, on the test's thread, in order. */
public final class ManualExecutor implements Executor {
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Runs the oldest task; fails if there is none. */
  public void runNext() {
    tasks.remove().run();
  }

  /** Runs all tasks, and those they bring about. */
  public void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** How many tasks wait. */
  public int waiting() {
    return tasks.size();
  }
}
