package cablestream.cable;

import cablestream.concurrent.Mailbox;
import java.util.function.Consumer;

/**
 * One session's cable, in the states of {@link CableState}. A failed first dial is the end; a cable
 * that has been welcomed is dialled again until it is welcomed again, or the server refuses. A
 * tunnel isn't dialled again. Inside the mailbox only.
 */
public final class CableConnection implements Cable {
  private static final int NORMAL = 1000;
  private static final int PROTOCOL_ERROR = 1002;

  private final Owner owner;
  private final Mailbox mailbox;
  private final Reader reader;
  private final CableDialer dialer;

  private final Dials dials;

  private CableState state = CableState.IDLE;

  /** While CONNECTING, AWAITING_WELCOME or OPEN. */
  private CableLink link;

  /** Whether any frame came through the tunnel. */
  private boolean heard;

  public CableConnection(Owner owner, Mailbox mailbox, Reader reader, CableDialer dialer) {
    this.owner = owner;
    this.mailbox = mailbox;
    this.reader = reader;
    this.dialer = dialer;
    dials = new Dials(owner, mailbox, dialer, this::fail);
  }

  // ---- the session's side ----

  @Override
  public void open(DialRequest request, String network) {
    dials.network(network);
    use(request);
    connect();
  }

  @Override
  public void use(DialRequest request) {
    assert mailbox.isInside();
    dials.use(request);
  }

  @Override
  public boolean isOpen() {
    return state == CableState.OPEN;
  }

  @Override
  public void demand() {
    assert mailbox.isInside();
    if (state == CableState.OPEN) {
      link.demand();
    }
  }

  @Override
  public void send(String frame, Consumer<String> done) {
    assert mailbox.isInside();
    if (state == CableState.OPEN) {
      link.send(frame, done);
    } else {
      done.accept("the cable is down");
    }
  }

  @Override
  public int unsentBytes() {
    return link == null ? 0 : link.unsentBytes();
  }

  @Override
  public void close(int code, String reason) {
    assert mailbox.isInside();
    if (state != CableState.CLOSED) {
      become(CableState.CLOSED);
      CableLink last = detach();
      if (last != null) {
        last.close(code, reason);
      }
    }
  }

  // ---- the dial ----

  private void connect() {
    become(CableState.CONNECTING);
    owner.dialling();
    link = new CableLink(this, mailbox, reader, dialer.timers());
    dials.begin(link);
  }

  void onTurn() {
    if (dials.isLastWaiting() || owner.isAwaited()) {
      dials.onTurn(link);
    } else if (dials.mayDialAgain()) {
      dials.giveTurnUp(link);
    } else {
      owner.abandoned();
    }
  }

  void onOpened(String chosen) {
    dials.answered();
    if (reader == Reader.BRIDGE && chosen.equals(ActionCableProtocol.UNSUPPORTED)) {
      fail(CableEnding.unsupported());
    } else if (reader == Reader.BRIDGE) {
      become(CableState.AWAITING_WELCOME);
      link.demand();
    } else if (dials.isAskedFor(chosen)) {
      welcomed();
    } else {
      turnAway(CableEnding.closed(PROTOCOL_ERROR, "another subprotocol"), PROTOCOL_ERROR);
    }
  }

  void onRefused(int status, String location) {
    dials.answered();
    if (status == 401 || status == 403) {
      turnAway(CableEnding.unauthorized(status), NORMAL);
    } else {
      fail(CableEnding.refused(status, location));
    }
  }

  void onUnreachable(String why) {
    fail(CableEnding.unreachable(why));
  }

  private void welcomed() {
    become(CableState.OPEN);
    link.expectWithin(
        reader == Reader.CLIENT ? settings().timeouts().welcome() : settings().timeouts().stale());
    dials.welcomed(reader == Reader.BRIDGE);
    owner.opened();
  }

  /** A dial has failed: the first one is the end, later ones are repeated. */
  private void fail(CableEnding ending) {
    dials.failed(ending);
    if (dials.mayDialAgain()) {
      CableLink lost = backOff();
      owner.dialFailed(ending);
      lost.drop(NORMAL, ending.reason());
    } else {
      end(ending, NORMAL);
    }
  }

  /** The server refuses this caller, during a dial or later. */
  private void turnAway(CableEnding ending, int code) {
    dials.failed(ending);
    end(ending, code);
  }

  // ---- frames ----

  void onFrame(CableFrame frame) {
    switch (frame.type()) {
      case OPAQUE -> tunnelled(frame);
      case DISCONNECT -> disconnected(frame.reason(), frame.reconnect());
      default -> {
        if (state == CableState.OPEN && frame.isForSubscription()) {
          owner.frame(frame);
        } else if (state != CableState.OPEN && frame.type() == CableFrame.Type.WELCOME) {
          welcomed();
        } else {
          dialer.outcomes().received();
          link.demand(); // the frame isn't for the session: its demand is then for the next one
        }
      }
    }
  }

  private void tunnelled(CableFrame frame) {
    if (!heard) {
      heard = true; // a tunnel's first frame is its welcome
      dials.finished();
      link.expectWithin(settings().timeouts().stale());
    }
    dialer.outcomes().received();
    owner.frame(frame);
  }

  /**
   * @param code the close code for the fault
   */
  void onUnreadable(int code, String why) {
    if (reader == Reader.CLIENT) {
      end(CableEnding.closed(code, why), code);
    } else if (state == CableState.OPEN) {
      owner.frameDropped(why);
    } else {
      link.demand();
    }
  }

  private void disconnected(String given, boolean reconnect) {
    String reason = CableEnding.reason(given);
    boolean unauthorized = reason.equals(ActionCableProtocol.UNAUTHORIZED);
    if (unauthorized && !(reconnect && state == CableState.OPEN)) {
      turnAway(CableEnding.unauthorized(reason), NORMAL);
    } else if (!reconnect) {
      turnAway(CableEnding.disconnected(reason), NORMAL);
    } else if (state == CableState.OPEN) {
      lose(reason);
    } else {
      fail(CableEnding.unreachable("it asks for a later attempt"));
    }
  }

  // ---- loss ----

  void onClosed(int code, String reason) {
    if (state != CableState.OPEN) {
      fail(CableEnding.unreachable("it closed the connection before its welcome"));
    } else if (reader == Reader.CLIENT) {
      end(CableEnding.closed(code, reason), NORMAL);
    } else {
      lose("lost");
    }
  }

  void onSilence() {
    if (reader == Reader.BRIDGE) {
      lose("stale");
    } else if (heard) {
      end(CableEnding.closed(CableEnding.ABNORMAL, "stale"), NORMAL);
    } else {
      fail(CableEnding.noWelcome(settings().timeouts().welcome()));
    }
  }

  private void lose(String reason) {
    dials.lost();
    CableLink lost = backOff();
    dials.restartIfSilent();
    try {
      owner.lost(reason);
    } finally {
      lost.drop(NORMAL, reason);
    }
  }

  private CableLink backOff() {
    become(CableState.BACKING_OFF);
    CableLink lost = detach();
    dials.backOff(this::connect);
    return lost;
  }

  private void end(CableEnding ending, int code) {
    become(CableState.CLOSED);
    CableLink last = detach();
    try {
      owner.ended(ending);
    } finally {
      last.drop(code, ending.reason());
    }
  }

  private CableLink detach() {
    CableLink detached = link;
    link = null;
    dials.end();
    return detached;
  }

  private void become(CableState next) {
    assert mailbox.isInside();
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("from " + state + " to " + next);
    }
    if (state == CableState.OPEN) {
      dialer.outcomes().over();
    }
    state = next;
  }

  private CableSettings settings() {
    return dialer.settings();
  }
}
