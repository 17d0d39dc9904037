package cablestream.cable;

import cablestream.concurrent.Mailbox;
import cablestream.echo.EchoTrials;

/** Makes cables without a server; see {@link EchoCable}. */
public final class EchoDialer implements Cable.Dialer {
  private final EchoTrials trials;

  /**
   * @param trials limit their number and their memory
   */
  public EchoDialer(EchoTrials trials) {
    this.trials = trials;
  }

  @Override
  public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
    if (reader != Cable.Reader.CLIENT) {
      throw new IllegalArgumentException("an echo is a tunnel");
    }
    return new EchoCable(owner, mailbox, trials);
  }

  @Override
  public boolean accepts() {
    return true;
  }
}
