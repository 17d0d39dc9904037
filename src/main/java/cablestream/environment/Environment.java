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
 * @param node this process's name for operators, another one with each start
 * @param observer counts what happens
 * @param account the memory of all sessions
 * @param responseBytes the heap that the container uses for each request without a response yet
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
   * Time, threads and randomness, which tests replace.
   *
   * @param pool runs the mailboxes' turns
   * @param random makes session ids: must be unguessable in production
   */
  public record Execution(
      Timers timers, InstantSource clock, Executor pool, RandomGenerator random) {}

  public Timers timers() {
    return execution.timers;
  }

  public RandomGenerator random() {
    return execution.random;
  }

  /** A copy for sessions of another kind, with their own limits, dialer and observer. */
  public Environment with(Limits others, Cable.Dialer theirDialer, Observer theirObserver) {
    return new Environment(
        node, others, execution, theirDialer, theirObserver, account, responseBytes);
  }
}
