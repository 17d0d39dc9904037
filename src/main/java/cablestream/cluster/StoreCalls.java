package cablestream.cluster;

import cablestream.cluster.Nodes.Place;
import cablestream.cluster.Nodes.Question;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What waits for its turn to ask the store, and the threads that wait for its answers. */
final class StoreCalls implements AutoCloseable {
  private static final int CALLERS = 4;

  /** Each is a request, and the store takes less than a millisecond. */
  private static final int MOST_WAITING = 4_096;

  private final Directory directory;
  private final ThreadPoolExecutor calls;

  StoreCalls(Directory directory, ThreadFactory threads) {
    this.directory = directory;
    calls =
        new ThreadPoolExecutor(
            CALLERS,
            CALLERS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            threads);
    calls.allowCoreThreadTimeOut(true);
  }

  /** Asks where a session is; {@link Place.Busy} where too many do. */
  void ask(Question question, Consumer<Place> then) {
    Ask ask = new Ask(question, then);
    if (!run(ask)) {
      ask.giveUp();
    }
  }

  /** Whether it will be run. */
  boolean run(Runnable call) {
    try {
      calls.execute(call);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Whoever still waits is told so. */
  @Override
  public void close() {
    for (Runnable waiting : calls.shutdownNow()) {
      if (waiting instanceof Ask ask) {
        ask.giveUp();
      }
    }
  }

  private final class Ask implements Runnable {
    private final Question question;
    private final Consumer<Place> then;

    Ask(Question question, Consumer<Place> then) {
      this.question = question;
      this.then = then;
    }

    @Override
    public void run() {
      then.accept(directory.ask(question));
    }

    void giveUp() {
      then.accept(new Place.Busy());
    }
  }
}
