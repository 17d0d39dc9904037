package cablestream.support;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An executor whose tasks run on the test's thread, in order, when the test calls for them. */
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

  /** Runs all tasks, including those that they submit. */
  public void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** The number of waiting tasks. */
  public int waiting() {
    return tasks.size();
  }
}
