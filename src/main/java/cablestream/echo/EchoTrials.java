package cablestream.echo;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Lets trials begin, as many as the account has room for and few from one address. Any thread, but
 * for the trials themselves.
 */
public final class EchoTrials implements AutoCloseable {
  /** What is said where there is no room for another. */
  public static final String TOO_MANY = "too many trials at once";

  /** What a trial costs whatever is said in it: the container's buffers for it, above all. */
  private static final long BASE = 16 * 1024;

  /** A page makes four at the most. */
  private static final int MOST_OF_AN_ADDRESS = 20;

  private static final long THREAD_PATIENCE_MILLIS = 1_000;

  private final Account account;
  private final Timers timers;
  private final Map<String, Integer> latest = new ConcurrentHashMap<>();

  private final DaemonThreads threads = new DaemonThreads("cablestream-echo");

  /** A container may wait for its client before it has closed a WebSocket. */
  private final ThreadPoolExecutor mayBlock =
      new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);

  /**
   * @param account bounds how many there are at once: {@link Kind#TRIAL}
   */
  public EchoTrials(Account account, Timers timers) {
    this.account = account;
    this.timers = timers;
    mayBlock.allowCoreThreadTimeOut(true);
  }

  /**
   * Counts a trial of an address for as long as a trial may last, as a WebSocket can't tell whose
   * it is when it ends.
   *
   * @return false: there have been too many
   */
  public boolean admits(String address) {
    Holder holder = account.holder();
    if (!holder.take(Kind.TRIAL, 256)) {
      return false;
    }
    boolean admitted =
        latest.merge(address, 1, (now, one) -> Math.min(now + one, MOST_OF_AN_ADDRESS + 1))
            <= MOST_OF_AN_ADDRESS;
    if (admitted) {
      timers.after(EchoTrial.LIFETIME_MILLIS, () -> forget(address, holder));
    } else {
      latest.computeIfPresent(address, (key, now) -> now - 1);
      holder.close();
    }
    return admitted;
  }

  /**
   * Begins a trial. Inside its mailbox.
   *
   * @return null where there is no room for another
   */
  public EchoTrial begin(Mailbox mailbox, EchoTrial.Visitor visitor) {
    Holder holder = account.holder();
    if (!holder.take(Kind.TRIAL, BASE)) {
      return null;
    }
    EchoTrial trial = new EchoTrial(mailbox, timers, holder, visitor);
    trial.begin();
    return trial;
  }

  /** Does later what may have to wait for a visitor; only other trials wait for that. */
  public void later(Runnable task) {
    try {
      mayBlock.execute(task);
    } catch (RejectedExecutionException stopping) {
      // The container closes what is left.
    }
  }

  @Override
  public void close() {
    mayBlock.shutdownNow();
    try {
      threads.join(THREAD_PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void forget(String address, Holder holder) {
    latest.computeIfPresent(address, (key, now) -> now == 1 ? null : now - 1);
    holder.close();
  }
}
