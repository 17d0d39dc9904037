package cablestream.cable;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The dials of one {@link CableConnection}, one after the other: what each asks for, how long it
 * may take, how it went, and when the next one is due. Inside the mailbox only.
 */
final class Dials {
  private final CableEnvironment environment;

  private final Consumer<CableEnding> failing;

  /** Limits the wait for the turn, then the dial; ends the backoff. */
  private final Alarm alarm;

  private DialRequest request;
  private DialObserver.OpenedBy openedBy;

  /** Of the caller who opened the session. */
  private String network;

  /** The subprotocol asked for first; a tunnel's client counts on it. */
  private String protocol;

  /** Whether it was welcomed once and may be dialled again. */
  private boolean again;

  /** Failures in a row that were this session's own. */
  private int failures;

  /** Whether the latest dial failed as all do, so that the gate is what the next one waits for. */
  private boolean heldBack;

  /** While it waits for its turn or has one. */
  private DialGate.Turn turn;

  /** Whether a dial is on its way whose outcome hasn't been counted, and since when. */
  private boolean underway;

  private boolean dialled;

  private long dialledAt;
  private long welcomedAt;

  /**
   * @param failing called when a dial takes too long, isn't allowed, or may not even wait for its
   *     turn
   */
  Dials(Mailbox mailbox, CableEnvironment environment, Consumer<CableEnding> failing) {
    this.environment = environment;
    this.failing = failing;
    alarm = new Alarm(environment.timers(), mailbox);
  }

  /** As which all of them are counted, and for which network they wait for their turns. */
  void openedBy(DialObserver.OpenedBy openedBy, String network) {
    this.openedBy = openedBy;
    this.network = network;
  }

  void use(DialRequest request) {
    this.request = request;
  }

  DialRequest request() {
    return request;
  }

  boolean mayDialAgain() {
    return again;
  }

  void begin(CableLink link) {
    underway = true;
    dialled = false;
    dialledAt = now();
    if (!settings().allows(request.path())) {
      failing.accept(CableEndings.pathNotAllowed(request.path()));
      return;
    }
    turn = environment.gate().ask(again, network, link::tellTurn);
    if (turn == null) {
      failing.accept(CableEndings.busy());
    } else if (!again) {
      alarm.set(settings().dialling().turn().toMillis(), () -> failing.accept(CableEndings.busy()));
    }
  }

  void onTurn(CableLink link) {
    dialled = true;
    dialledAt = now();
    Duration limit = settings().timeouts().welcome();
    alarm.set(limit.toMillis(), () -> failing.accept(CableEndings.noWelcome(limit)));
    List<String> asked =
        request.protocols().isEmpty() ? ActionCableProtocol.NAMES : request.protocols();
    protocol = asked.get(0);
    URI url = settings().url(request.path(), request.query());
    link.dial(environment.dialer(), url, request.headers(), asked);
  }

  boolean isAskedFor(String chosen) {
    return chosen.equals(protocol);
  }

  /**
   * @param mayDialAgain whether others may follow this dial; where the client reads the frames,
   *     none may, and {@link #heard} follows
   */
  void welcomed(boolean mayDialAgain) {
    alarm.clear();
    welcomedAt = now();
    count(null);
    again = mayDialAgain;
    environment.outcomes().welcomed();
    if (mayDialAgain) {
      heard();
    } else {
      // What isn't read, as memory is short, isn't heard, and must not keep others from dialling.
      // Silence while it is read is noticed before.
      alarm.set(2 * settings().timeouts().welcome().toMillis(), this::end);
    }
  }

  /** The server has begun to talk: it is done with the dial. */
  void heard() {
    alarm.clear();
    if (turn != null) {
      turn.welcomed();
      turn = null;
    }
  }

  void failed(CableEnding ending) {
    environment.outcomes().failed(ending);
    count(ending.kind());
    heldBack = turn != null && dialled && endTurn(ending.kind());
    if (!heldBack) {
      failures++;
    }
  }

  /** Whether the gate is what holds back the next dial, as it does those of the others. */
  private boolean endTurn(CableEnding.Kind kind) {
    DialGate.Turn ended = turn;
    turn = null;
    return switch (kind) {
      case UNREACHABLE -> {
        boolean isDown = environment.outcomes().isSilent();
        ended.failed(isDown);
        yield isDown;
      }
      case NO_WELCOME -> ended.failed(false);
      default -> {
        ended.refused();
        yield false;
      }
    };
  }

  /** A cable that had been welcomed was lost. */
  void lost() {
    heldBack = false;
    failures = settings().reconnect().failures(failures, now() - welcomedAt);
  }

  /** Where all cables are lost, the server has been restarted, or is about to be. */
  void restartUnlessHeard() {
    if (environment.outcomes().isSilent()) {
      environment.gate().restart();
    }
  }

  void backOff(Runnable dial) {
    double random = environment.random().getAsDouble();
    alarm.set(heldBack ? 0 : settings().reconnect().backoff(failures, random), dial);
  }

  /** Whatever is waited for is so no longer. */
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

  /** Each dial once; what a tunnel meets after its upgrade is no dial any more. */
  private void count(CableEnding.Kind failure) {
    if (underway) {
      underway = false;
      environment.observer().dialled(openedBy, failure, again, now() - dialledAt);
    }
  }

  private CableSettings settings() {
    return environment.settings();
  }

  private long now() {
    return environment.timers().nanoTime();
  }
}
