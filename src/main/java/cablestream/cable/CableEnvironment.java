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

  /** False while so many dials are waiting that a new session had better be refused. */
  public boolean accepts() {
    return gate.accepts();
  }

  /** What cables and dials have shown of the server. */
  public Cable.Health health() {
    return outcomes.health();
  }

  /** Cables that have been welcomed and aren't over. */
  public int live() {
    return outcomes.live();
  }

  /** Dials that may be underway at the same time, at present. */
  public int dialLimit() {
    return gate.limit();
  }

  /** Dials that wait for their turn. */
  public int waitingDials() {
    return gate.waiting();
  }
}
