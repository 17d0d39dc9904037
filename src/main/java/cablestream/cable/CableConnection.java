package cablestream.cable;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One session's cable and its dials, in the states of {@link CableState}. A failed first dial is
 * the end; a cable that has been welcomed is dialled again until it is welcomed again, or the
 * server refuses. A tunnel isn't dialled again. Inside the mailbox only.
 */
public final class CableConnection implements Cable {
  private static final int NORMAL = 1000;
  private static final int PROTOCOL_ERROR = 1002;

  /** How long a dial without waiting requests lets other dials precede it. */
  private static final long UNAWAITED_PAUSE_MILLIS = 1_000;

  /** What the next dial waits for after a failure. */
  private enum Wait {
    /** Failures of this session: a backoff, then its turn. */
    BACKOFF,
    /** Too many dials: its turn. */
    TURN,
    /** A server that welcomes no dial: another dial's welcome, or its turn to try. */
    WELCOME
  }

  private final Owner owner;
  private final Mailbox mailbox;
  private final Reader reader;
  private final CableDialer dialer;

  private CableState state = CableState.IDLE;

  /** While CONNECTING, AWAITING_WELCOME or OPEN. */
  private CableLink link;

  /** Whether any frame came through the tunnel. */
  private boolean heard;

  // The next dial.
  private DialRequest request;

  /** The network of the caller who opened the session. */
  private String network;

  /** Whether it was welcomed once and may be dialled again. */
  private boolean again;

  /** Failures in a row that concern this session only. */
  private int failures;

  private Wait wait = Wait.BACKOFF;

  // The present dial.

  /** Limits the wait for the turn, then the dial; ends the backoff. */
  private final Alarm alarm;

  /** While it waits for its turn or has one. */
  private DialGate.Turn turn;

  /** The first requested subprotocol, which a tunnel's client expects. */
  private String protocol;

  /** Whether it has got an answer: an upgrade, or a status that refuses it. */
  private boolean answered;

  private long dialledAt;
  private long welcomedAt;

  public CableConnection(Owner owner, Mailbox mailbox, Reader reader, CableDialer dialer) {
    this.owner = owner;
    this.mailbox = mailbox;
    this.reader = reader;
    this.dialer = dialer;
    alarm = new Alarm(dialer.timers(), mailbox);
  }

  // ---- the session's side ----

  @Override
  public void open(DialRequest request, String network) {
    this.network = network;
    use(request);
    connect();
  }

  @Override
  public void use(DialRequest request) {
    assert mailbox.isInside();
    this.request = request;
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
    awaitTurn();
  }

  private void awaitTurn() {
    dialledAt = now();
    if (!settings().allows(request.path())) {
      fail(CableEnding.pathNotAllowed(request.path()));
      return;
    }
    if (wait == Wait.WELCOME) {
      turn = dialer.gate().askOnceWelcoming(network, link::reportTurn);
      alarm.set(backoff(Integer.MAX_VALUE), () -> turn.release());
      return;
    }
    turn = dialer.gate().ask(again, network, link::reportTurn);
    if (turn == null) {
      fail(CableEnding.busy());
    } else if (!again) {
      alarm.set(settings().dialling().turn().toMillis(), () -> fail(CableEnding.busy()));
    }
  }

  /** Dials, unless no request waits for it and other dials wait for a turn. */
  void onTurn() {
    if (dialer.gate().waiting() == 0 || owner.isAwaited()) {
      dial();
    } else if (again) {
      leaveTurn();
      alarm.set(UNAWAITED_PAUSE_MILLIS, this::awaitTurn);
    } else {
      owner.abandoned();
    }
  }

  private void dial() {
    answered = false;
    dialledAt = now();
    Duration limit = settings().timeouts().welcome();
    alarm.set(limit.toMillis(), () -> fail(CableEnding.noWelcome(limit)));
    List<String> asked = request.protocols();
    protocol = asked.get(0);
    URI url = settings().url(request.path(), request.query());
    link.dial(dialer.sockets(), url, request.headers(), asked);
  }

  void onOpened(String chosen) {
    answered = true;
    if (reader == Reader.BRIDGE && chosen.equals(ActionCableProtocol.UNSUPPORTED)) {
      fail(CableEnding.unsupported());
    } else if (reader == Reader.BRIDGE) {
      become(CableState.AWAITING_WELCOME);
      link.demand();
    } else if (chosen.equals(protocol)) {
      welcomed();
    } else {
      turnAway(CableEnding.closed(PROTOCOL_ERROR, "another subprotocol"), PROTOCOL_ERROR);
    }
  }

  /** The server, or a proxy in front of it, refuses the upgrade. */
  void onRefused(int status, String location) {
    answered = true;
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
    welcomedAt = now();
    owner.dialled(null, welcomedAt - dialledAt);
    dialer.outcomes().welcomed();
    if (reader == Reader.BRIDGE) {
      again = true;
      finishDial();
    } else {
      // A frame isn't read while memory is short, and the wait for it must not delay other dials.
      // Silence of a cable that is being read is noticed earlier.
      alarm.set(2 * settings().timeouts().welcome().toMillis(), this::leaveTurn);
    }
    owner.opened();
  }

  /** The server has sent a frame: it has finished the dial. */
  private void finishDial() {
    alarm.clear();
    if (turn != null) {
      turn.welcomed();
      turn = null;
    }
  }

  /** A dial has failed: the first one is the end, later ones are repeated. */
  private void fail(CableEnding ending) {
    countFailure(ending);
    if (again) {
      backOff().drop(NORMAL, ending.reason());
    } else {
      end(ending, NORMAL);
    }
  }

  /** The server refuses this caller, during a dial or later. */
  private void turnAway(CableEnding ending, int code) {
    countFailure(ending);
    end(ending, code);
  }

  private void countFailure(CableEnding ending) {
    dialer.outcomes().failed(ending);
    if (state != CableState.OPEN) {
      owner.dialled(ending.kind(), now() - dialledAt);
    }
    wait = turn != null && link.isDialled() ? releaseTurn(ending.kind()) : Wait.BACKOFF;
    if (wait == Wait.BACKOFF) {
      failures++;
    }
  }

  /**
   * Releases the place. A server that doesn't answer is down for all sessions. An answer other than
   * a welcome matters only for sessions that were welcomed before and aren't now, since a caller
   * can cause it. Neither matters while a cable shows that the server is alive.
   */
  private Wait releaseTurn(CableEnding.Kind kind) {
    DialGate.Turn ended = turn;
    turn = null;
    if (kind == CableEnding.Kind.NO_WELCOME) {
      return ended.failed(false) ? Wait.TURN : Wait.BACKOFF;
    }
    boolean silent = dialer.outcomes().isSilent();
    if (answered) {
      ended.refused();
    } else {
      ended.failed(silent);
    }
    return silent ? Wait.WELCOME : Wait.BACKOFF;
  }

  /** Gives the turn up, or the wait for it. */
  private void leaveTurn() {
    if (turn == null) {
      return;
    }
    if (link.isDialled()) {
      turn.abandon();
    } else {
      turn.end();
    }
    turn = null;
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
      finishDial();
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
    String reason = given == null ? "disconnect" : given;
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
    wait = Wait.BACKOFF;
    failures = settings().reconnect().failures(failures, now() - welcomedAt);
    CableLink lost = backOff();
    if (dialer.outcomes().isSilent()) {
      dialer.gate().restart(); // all cables are lost: the server was restarted, or will be
    }
    try {
      owner.lost(reason);
    } finally {
      lost.drop(NORMAL, reason);
    }
  }

  private CableLink backOff() {
    become(CableState.BACKING_OFF);
    CableLink lost = detach();
    alarm.set(wait == Wait.BACKOFF ? backoff(failures) : 0, this::connect);
    return lost;
  }

  private long backoff(int failures) {
    return settings().reconnect().backoff(failures, dialer.random().getAsDouble());
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

  /** Ends every wait, and returns the link; null for none. */
  private CableLink detach() {
    alarm.clear();
    leaveTurn();
    CableLink detached = link;
    link = null;
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

  private long now() {
    return dialer.timers().nanoTime();
  }
}
