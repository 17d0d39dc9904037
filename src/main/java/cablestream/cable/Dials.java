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

  /** The subprotocol asked for first; a tunnel's client counts on it. */
  private String protocol;

  /** Whether it was welcomed once and may be dialled again. */
  private boolean again;

  private int failures;

  /** Whether a dial is on its way, and since when. */
  private boolean underway;

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

  /** As which all of them are counted. */
  void openedBy(DialObserver.OpenedBy openedBy) {
    this.openedBy = openedBy;
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
    dialledAt = now();
    if (!settings().allows(request.path())) {
      failing.accept(CableEndings.pathNotAllowed(request.path()));
    } else if (!link.await(environment.gate(), again)) {
      failing.accept(CableEndings.busy());
    } else if (!again) {
      alarm.set(settings().dialling().turn().toMillis(), () -> failing.accept(CableEndings.busy()));
    }
  }

  void onTurn(CableLink link) {
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
   * @param mayDialAgain whether others may follow this dial
   */
  void welcomed(boolean mayDialAgain) {
    alarm.clear();
    welcomedAt = now();
    count(null);
    again = mayDialAgain;
    environment.outcomes().welcomed();
  }

  void failed(CableEnding ending) {
    environment.outcomes().failed(ending);
    count(ending.kind());
    failures++;
  }

  /** A cable that had been welcomed was lost. */
  void lost() {
    failures = settings().reconnect().failures(failures, now() - welcomedAt);
  }

  void backOff(Runnable dial) {
    double random = environment.random().getAsDouble();
    alarm.set(settings().reconnect().backoff(failures, random), dial);
  }

  /** Whatever is waited for is so no longer. */
  void end() {
    alarm.clear();
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
