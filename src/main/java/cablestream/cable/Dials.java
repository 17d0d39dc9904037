package cablestream.cable;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The dials of one {@link CableConnection}, one after the other: what each sends, its time limit
 * and outcome, and when the next one is due. Inside the mailbox only.
 */
final class Dials {
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

  private final Cable.Owner owner;
  private final CableDialer dialer;
  private final Consumer<CableEnding> failing;

  /** Limits the wait for the turn, then the dial; ends the backoff. */
  private final Alarm alarm;

  private DialRequest request;

  /** The network of the caller who opened the session. */
  private String network;

  /** The first requested subprotocol, which a tunnel's client expects. */
  private String protocol;

  /** Whether it was welcomed once and may be dialled again. */
  private boolean again;

  /** Failures in a row that concern this session only. */
  private int failures;

  private Wait wait = Wait.BACKOFF;

  /** Whether the dial has got an answer: an upgrade, or a status that refuses it. */
  private boolean answered;

  /** While it waits for its turn or has one. */
  private DialGate.Turn turn;

  /** Whether a dial is in progress whose outcome hasn't been counted, and its start. */
  private boolean underway;

  private boolean dialled;

  private long dialledAt;
  private long welcomedAt;

  /**
   * @param failing called when a dial takes too long, isn't allowed, or can't wait for its turn
   */
  Dials(Cable.Owner owner, Mailbox mailbox, CableDialer dialer, Consumer<CableEnding> failing) {
    this.owner = owner;
    this.dialer = dialer;
    this.failing = failing;
    alarm = new Alarm(dialer.timers(), mailbox);
  }

  /** The network that waits for the dials' turns. */
  void network(String network) {
    this.network = network;
  }

  void use(DialRequest request) {
    this.request = request;
  }

  boolean mayDialAgain() {
    return again;
  }

  void begin(CableLink link) {
    underway = true;
    dialled = false;
    dialledAt = now();
    if (!settings().allows(request.path())) {
      failing.accept(CableEnding.pathNotAllowed(request.path()));
      return;
    }
    if (wait == Wait.WELCOME) {
      turn = dialer.gate().askOnceWelcoming(network, link::tellTurn);
      alarm.set(backoff(Integer.MAX_VALUE), () -> turn.release());
      return;
    }
    turn = dialer.gate().ask(again, network, link::tellTurn);
    if (turn == null) {
      failing.accept(CableEnding.busy());
    } else if (!again) {
      alarm.set(settings().dialling().turn().toMillis(), () -> failing.accept(CableEnding.busy()));
    }
  }

  /** Whether no other dial waits for a turn. */
  boolean isLastWaiting() {
    return dialer.gate().waiting() == 0;
  }

  /** Gives the turn to another dial, and requests one again later. */
  void giveTurnUp(CableLink link) {
    turn.end();
    turn = null;
    alarm.set(UNAWAITED_PAUSE_MILLIS, () -> begin(link));
  }

  void onTurn(CableLink link) {
    dialled = true;
    answered = false;
    dialledAt = now();
    Duration limit = settings().timeouts().welcome();
    alarm.set(limit.toMillis(), () -> failing.accept(CableEnding.noWelcome(limit)));
    List<String> asked = request.protocols();
    protocol = asked.get(0);
    URI url = settings().url(request.path(), request.query());
    link.dial(dialer.sockets(), url, request.headers(), asked);
  }

  /** The server, or a proxy in front of it, has upgraded the dial or refused it. */
  void answered() {
    answered = true;
  }

  boolean isAskedFor(String chosen) {
    return chosen.equals(protocol);
  }

  /**
   * @param mayDialAgain whether others may follow this dial; none may if the client reads the
   *     frames, and {@link #finished} follows
   */
  void welcomed(boolean mayDialAgain) {
    alarm.clear();
    welcomedAt = now();
    count(null);
    again = mayDialAgain;
    dialer.outcomes().welcomed();
    if (mayDialAgain) {
      finished();
    } else {
      // A frame isn't read while memory is short, and the wait for it must not delay other dials.
      // Silence of a cable that is being read is noticed earlier.
      alarm.set(2 * settings().timeouts().welcome().toMillis(), this::end);
    }
  }

  /** The server has sent a frame: it has finished the dial. */
  void finished() {
    alarm.clear();
    if (turn != null) {
      turn.welcomed();
      turn = null;
    }
  }

  void failed(CableEnding ending) {
    dialer.outcomes().failed(ending);
    count(ending.kind());
    wait = turn != null && dialled ? endTurn(ending.kind()) : Wait.BACKOFF;
    if (wait == Wait.BACKOFF) {
      failures++;
    }
  }

  /**
   * Releases the place. A server that doesn't answer is down for all sessions. An answer other than
   * a welcome matters only for sessions that were welcomed before and aren't now, since a caller
   * can cause it. Neither matters while a cable shows that the server is alive.
   */
  private Wait endTurn(CableEnding.Kind kind) {
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

  /** A cable that had been welcomed was lost. */
  void lost() {
    wait = Wait.BACKOFF;
    failures = settings().reconnect().failures(failures, now() - welcomedAt);
  }

  /** If all cables are lost, the server was restarted, or will be. */
  void restartIfSilent() {
    if (dialer.outcomes().isSilent()) {
      dialer.gate().restart();
    }
  }

  void backOff(Runnable dial) {
    alarm.set(wait == Wait.BACKOFF ? backoff(failures) : 0, dial);
  }

  /** Ends every wait. */
  void end() {
    alarm.clear();
    if (turn == null) {
      return;
    }
    if (dialled) {
      turn.abandon();
    } else {
      turn.end();
    }
    turn = null;
  }

  /** Counts each dial once; after its upgrade a tunnel is no dial any more. */
  private void count(CableEnding.Kind failure) {
    if (underway) {
      underway = false;
      owner.dialled(failure, now() - dialledAt);
    }
  }

  private long backoff(int failures) {
    return settings().reconnect().backoff(failures, dialer.random().getAsDouble());
  }

  private CableSettings settings() {
    return dialer.settings();
  }

  private long now() {
    return dialer.timers().nanoTime();
  }
}
