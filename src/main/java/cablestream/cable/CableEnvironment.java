package cablestream.cable;

import cablestream.concurrent.Timers;
import java.util.function.DoubleSupplier;

/**
 * What all cables share.
 *
 * @param random from 0 to 1 (exclusive), for the jitter
 */
public record CableEnvironment(
    CableSettings settings,
    DialGate gate,
    DialOutcomes outcomes,
    CableSocket.Dialer dialer,
    Timers timers,
    DoubleSupplier random,
    DialObserver observer) {

  public CableEnvironment(
      CableSettings settings,
      CableSocket.Dialer dialer,
      Timers timers,
      DoubleSupplier random,
      DialObserver observer) {
    this(
        settings,
        new DialGate(
            settings.dialling().most(),
            settings.dialling().mostWaiting(),
            settings.timeouts().welcome(),
            timers),
        new DialOutcomes(timers, settings.reconnect().mostBackoff(), settings.timeouts().stale()),
        dialer,
        timers,
        random,
        observer);
  }

  /** False while so many dials wait that a new session should be refused. */
  public boolean accepts() {
    return gate.accepts();
  }

  /** The server's health, as cables and dials have shown it. */
  public Cable.Health health() {
    return outcomes.health();
  }

  /** The number of cables that are welcomed and open. */
  public int live() {
    return outcomes.live();
  }

  /** The present limit of simultaneous dials. */
  public int dialLimit() {
    return gate.limit();
  }

  /** The number of dials that wait for their turn. */
  public int waitingDials() {
    return gate.waiting();
  }
}
