package cablestream.cable;

import cablestream.session.Cable;
import cablestream.session.Mailbox;
import cablestream.session.Timers;

/** Makes cables to nowhere; see {@link EchoCable}. */
public final class EchoDialer implements Cable.Dialer {
  private final Timers timers;

  public EchoDialer(Timers timers) {
    this.timers = timers;
  }

  @Override
  public Cable cable(Cable.Owner owner, Mailbox mailbox, boolean tunnel) {
    if (!tunnel) {
      throw new IllegalArgumentException("an echo is a tunnel");
    }
    return new EchoCable(owner, mailbox, timers);
  }

  @Override
  public boolean accepts() {
    return true;
  }
}
