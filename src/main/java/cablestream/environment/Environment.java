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
 * @param pool runs the mailboxes' turns
 * @param random for session ids: must be unguessable in production
 * @param observer hears of everything that is counted
 * @param account what is held for all of them
 * @param responseBytes of the heap that the container keeps for each request that isn't answered
 *     yet
 */
public record Environment(
    String node,
    Limits limits,
    Timers timers,
    InstantSource clock,
    Executor pool,
    RandomGenerator random,
    Cable.Dialer dialer,
    Observer observer,
    Account account,
    int responseBytes) {
  /** The same for sessions of another kind, which have these for themselves. */
  public Environment with(
      Limits others, Cable.Dialer theirDialer, Observer theirObserver, Account theirAccount) {
    return new Environment(
        node,
        others,
        timers,
        clock,
        pool,
        random,
        theirDialer,
        theirObserver,
        theirAccount,
        responseBytes);
  }
}
