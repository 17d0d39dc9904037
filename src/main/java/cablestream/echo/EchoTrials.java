package cablestream.echo;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Lets trials begin, as many as the account has room for and few from one network. Where there is
 * no room, the oldest of the network that has most gives way. Any thread, but for the trials
 * themselves.
 */
public final class EchoTrials implements AutoCloseable {
  /** What is said where there is no room for another. */
  public static final String TOO_MANY = "too many trials at once";

  /** What a trial costs whatever is said in it: the container's buffers for it, above all. */
  private static final long BASE = 16 * 1024;

  /** A page makes four at the most. */
  private static final int MAX_OF_AN_ADDRESS = 20;

  private static final long THREAD_PATIENCE_MILLIS = 1_000;

  private final Account account;
  private final Timers timers;

  /** Those there are; each counts one. */
  private final FairShares<EchoTrial> held = new FairShares<>();

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

  /** Whether the network may have one more trial. */
  public boolean admits(String network) {
    return held.total(network) < MAX_OF_AN_ADDRESS;
  }

  /**
   * Begins a trial. Inside its mailbox.
   *
   * @param network the visitor's, as {@code Caller.address} names it
   * @return null where there is no room for another
   */
  public EchoTrial begin(Mailbox mailbox, EchoTrial.Visitor visitor, String network) {
    if (!admits(network)) {
      return null;
    }
    Holder holder = account.holder((kind, total) -> makesRoom(network));
    if (!holder.take(Kind.TRIAL, FairShares.ENTRY + BASE)) {
      return null;
    }
    EchoTrial trial = new EchoTrial(mailbox, timers, holder, visitor, held, network);
    trial.begin();
    return trial;
  }

  private boolean makesRoom(String network) {
    EchoTrial oldest = held.takeOldest(network, held.total(network) + 1);
    if (oldest != null) {
      oldest.giveWay();
    }
    return oldest != null;
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
}
