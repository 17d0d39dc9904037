package cablestream.environment;

import cablestream.cable.Cable;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What all sessions share.
 *
 * @param node names this process for operators; another one with each start
 * @param observer hears of everything that is counted
 * @param account what is held for all of them
 * @param responseBytes of the heap that the container keeps for each request that isn't answered
 *     yet
 */
public record Environment(
    String node,
    Limits limits,
    Execution execution,
    Cable.Dialer dialer,
    Observer observer,
    Account account,
    int responseBytes) {
  /**
   * Time, threads and chance, which tests bring their own.
   *
   * @param pool runs the mailboxes' turns
   * @param random for session ids: must be unguessable in production
   */
  public record Execution(
      Timers timers, InstantSource clock, Executor pool, RandomGenerator random) {}

  public Timers timers() {
    return execution.timers;
  }

  public RandomGenerator random() {
    return execution.random;
  }

  /** The same for sessions of another kind, which have these for themselves. */
  public Environment with(
      Limits others, Cable.Dialer theirDialer, Observer theirObserver, Account theirAccount) {
    return new Environment(
        node, others, execution, theirDialer, theirObserver, theirAccount, responseBytes);
  }
}
