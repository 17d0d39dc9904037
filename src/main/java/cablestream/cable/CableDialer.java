package cablestream.cable;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Makes cables over sockets, and has what all of them share.
 *
 * @param random from 0 to 1 (exclusive), for the jitter
 */
public record CableDialer(
    CableSettings settings,
    DialGate gate,
    DialOutcomes outcomes,
    CableSocket.Dialer sockets,
    Timers timers,
    DoubleSupplier random)
    implements Cable.Dialer {

  public CableDialer(CableSettings settings, CableSocket.Dialer sockets, Timers timers) {
    this(settings, sockets, timers, () -> ThreadLocalRandom.current().nextDouble());
  }

  public CableDialer(
      CableSettings settings, CableSocket.Dialer sockets, Timers timers, DoubleSupplier random) {
    this(
        settings,
        new DialGate(
            settings.dialling().max(),
            settings.dialling().maxWaiting(),
            settings.timeouts().welcome(),
            timers),
        new DialOutcomes(timers, settings.reconnect().maxBackoff(), settings.timeouts().stale()),
        sockets,
        timers,
        random);
  }

  @Override
  public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
    return new CableConnection(owner, mailbox, reader, this);
  }

  @Override
  public boolean accepts() {
    return gate.accepts();
  }

  @Override
  public Cable.Figures figures() {
    return new Cable.Figures(outcomes.health(), outcomes.live(), gate.limit(), gate.waiting());
  }
}
