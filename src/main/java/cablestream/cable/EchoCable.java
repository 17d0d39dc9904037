package cablestream.cable;

import cablestream.concurrent.Mailbox;
import cablestream.echo.EchoTrial;
import cablestream.echo.EchoTrials;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A cable without a server: an {@link EchoTrial} over an event stream or poll. Only in tunnels. */
public final class EchoCable implements Cable, EchoTrial.Visitor {
  private static final int NORMAL = 1000;

  private final Owner owner;
  private final Mailbox mailbox;
  private final EchoTrials trials;

  /** Null before it begins, and if there was no room for it. */
  private EchoTrial trial;

  /**
   * Makes such cables.
   *
   * @param trials limit their number and their memory
   */
  public static Dialer dialer(EchoTrials trials) {
    return new Dialer() {
      @Override
      public Cable cable(Owner owner, Mailbox mailbox, Reader reader) {
        if (reader != Reader.CLIENT) {
          throw new IllegalArgumentException("an echo is a tunnel");
        }
        return new EchoCable(owner, mailbox, trials);
      }

      @Override
      public boolean accepts() {
        return true;
      }
    };
  }

  EchoCable(Owner owner, Mailbox mailbox, EchoTrials trials) {
    this.owner = owner;
    this.mailbox = mailbox;
    this.trials = trials;
  }

  @Override
  public void open(DialRequest request, String network) {
    trial = trials.begin(mailbox, this, network);
    if (trial == null) {
      mailbox.run(() -> ended(EchoTrials.TOO_MANY));
    } else {
      mailbox.run(owner::opened);
    }
  }

  @Override
  public void use(DialRequest request) {
    // Nothing is dialled.
  }

  @Override
  public boolean isOpen() {
    return trial != null && !trial.isOver();
  }

  @Override
  public void demand() {
    if (isOpen()) {
      trial.ready();
    }
  }

  @Override
  public void send(String frame, Consumer<String> done) {
    boolean open = isOpen();
    if (open && trial.received(frame.getBytes(StandardCharsets.UTF_8))) {
      done.accept(null);
    } else {
      done.accept(open ? "the limit of a trial is exceeded" : "the trial is over");
    }
  }

  @Override
  public int unsentBytes() {
    return 0;
  }

  @Override
  public void close(int code, String reason) {
    if (trial != null) {
      trial.leave();
    }
  }

  @Override
  public void send(byte[] frame) {
    owner.frame(CableFrame.opaque(frame));
  }

  @Override
  public void ended(String reason) {
    owner.ended(CableEnding.closed(NORMAL, reason));
  }
}
