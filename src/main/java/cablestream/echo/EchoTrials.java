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
 * Starts trials, as many as the account has room for and few for one network. If there is no room,
 * the oldest trial of the network with the most is ended. Any thread, except for the trials
 * themselves.
 */
public final class EchoTrials implements AutoCloseable {
  /** The reason sent if there is no room for another trial. */
  public static final String TOO_MANY = "too many trials at once";

  /** What a trial costs apart from its frames: mainly the container's buffers. */
  private static final long BASE = 16 * 1024;

  /** A page makes at most four. */
  private static final int MAX_OF_AN_ADDRESS = 20;

  private static final long JOIN_TIMEOUT_MILLIS = 1_000;

  private final Account account;
  private final Timers timers;

  /** All trials; each weighs one. */
  private final FairShares<EchoTrial> held = new FairShares<>();

  private final DaemonThreads threads = new DaemonThreads("cablestream-echo");

  /** Some containers wait for the client while they close a WebSocket. */
  private final ThreadPoolExecutor mayBlock =
      new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);

  /**
   * @param account limits the number of trials: {@link Kind#TRIAL}
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
   * Starts a trial. Inside its mailbox.
   *
   * @param network the visitor's network, as {@code Caller.address} names it
   * @return null if there is no room
   */
  public EchoTrial begin(Mailbox mailbox, EchoTrial.Visitor visitor, String network) {
    if (!admits(network)) {
      return null;
    }
    Holder holder = account.holder((kind, total) -> makesRoom(network));
    if (!holder.reserve(Kind.TRIAL, FairShares.ENTRY + BASE)) {
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

  /** Runs a task later that may wait for a visitor; only other trials wait for it. */
  public void later(Runnable task) {
    try {
      mayBlock.execute(task);
    } catch (RejectedExecutionException stopping) {
      // The container closes the remaining ones.
    }
  }

  @Override
  public void close() {
    mayBlock.shutdownNow();
    try {
      threads.join(JOIN_TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
