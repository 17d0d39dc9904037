package cablestream.cable;

import cablestream.session.Observer;
import cablestream.session.Timers;
import java.util.function.DoubleSupplier;

/**
 * What all cables share.
 *
 * @param random from 0 to 1 (exclusive), for the jitter
 */
record CableEnvironment(
    CableSettings settings,
    ReconnectPolicy policy,
    DialGate gate,
    DialOutcomes outcomes,
    CableSocket.Dialer dialer,
    Timers timers,
    DoubleSupplier random,
    Observer observer) {

  CableEnvironment(
      CableSettings settings,
      CableSocket.Dialer dialer,
      Timers timers,
      DoubleSupplier random,
      Observer observer) {
    this(
        settings,
        ReconnectPolicy.of(settings),
        new DialGate(settings.maxDials(), settings.maxWaiting()),
        new DialOutcomes(timers, settings.mostBackoff()),
        dialer,
        timers,
        random,
        observer);
  }
}
