package cablestream.cable;

import cablestream.cable.Cable.Health;
import cablestream.cable.CableEnding.Kind;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator when dials fail for reasons that aren't the caller's, and when the server is
 * back: a line a minute for each kind at most, since thousands of sessions fail alike. Any thread.
 */
final class DialOutcomes {
  private static final Logger LOG = LoggerFactory.getLogger(DialOutcomes.class);

  /** Without the path, which is the caller's. */
  private static final String NO_PATH =
      "the setting cable.paths doesn't name the path that a page asks for";

  private static final Duration MIN_PROOF = Duration.ofMinutes(1);

  private final Timers timers;
  private final long proofNanos;
  private final long staleNanos;
  private final Map<Kind, RateLimit<CableEnding>> tallies = new EnumMap<>(Kind.class);
  private final AtomicInteger live = new AtomicInteger();

  /** What the latest dial that says something of the server has shown, and when it failed. */
  private volatile Health latest = Health.UNKNOWN;

  private volatile long failedAt;

  /** When any cable was heard last. */
  private volatile long heardAt;

  private volatile boolean told;

  /**
   * @param mostBackoff between two dials of a session that has lost its cable
   * @param stale how long a cable may be silent that is read
   */
  DialOutcomes(Timers timers, Duration mostBackoff, Duration stale) {
    this.timers = timers;
    staleNanos = stale.toNanos();
    Duration proof = mostBackoff.multipliedBy(2);
    proofNanos = (proof.compareTo(MIN_PROOF) > 0 ? proof : MIN_PROOF).toNanos();
    for (Kind kind : Kind.values()) {
      tallies.put(kind, new RateLimit<>(timers, (times, latest) -> tell(kind, times, latest)));
    }
  }

  /**
   * Up while there is a cable that is heard, whatever a single dial has met. A failure that nobody
   * repeats says nothing any more after a minute, or after two of the longest backoffs.
   */
  Health health() {
    if (live.get() > 0) {
      return Health.UP;
    }
    boolean outdated = timers.nanoTime() - failedAt >= proofNanos;
    return latest == Health.DOWN && outdated ? Health.UNKNOWN : latest;
  }

  /** Cables that have been welcomed and aren't over. */
  int live() {
    return live.get();
  }

  /**
   * Whether no cable shows that the server is there: there is none, or none has been heard for as
   * long as a cable may be silent. (One that isn't read doesn't notice that its server has gone.)
   */
  boolean isSilent() {
    return live.get() == 0 || timers.nanoTime() - heardAt >= staleNanos;
  }

  /** A frame has come. */
  void heard() {
    heardAt = timers.nanoTime();
  }

  void welcomed() {
    heard();
    live.incrementAndGet();
    latest = Health.UP;
    if (told) {
      told = false;
      LOG.info("event=cable_back");
    }
  }

  /** A welcomed cable is over, for whatever reason. */
  void over() {
    live.decrementAndGet();
  }

  void failed(CableEnding ending) {
    switch (ending.kind()) {
      case UNREACHABLE, NO_WELCOME -> {
        failedAt = timers.nanoTime();
        latest = Health.DOWN;
        tallies.get(ending.kind()).count(ending);
      }
      case REFUSED, PATH_NOT_ALLOWED, BUSY -> tallies.get(ending.kind()).count(ending);
      case UNAUTHORIZED -> {
        if (ending.httpStatus() > 0) {
          tallies.get(ending.kind()).count(ending);
        }
      }
      case DISCONNECTED, CLOSED -> {} // between the server and the caller
    }
  }

  private void tell(Kind kind, long failures, CableEnding ending) {
    if (kind == Kind.UNAUTHORIZED) {
      // It may be what is before the server, and meant so; or a host that Rails doesn't know.
      LOG.info("event=cable_dial_forbidden status={} times={}", ending.httpStatus(), failures);
      return;
    }
    LOG.warn(
        "event=cable_dial_failed kind={} failures={} error=\"{}\"",
        ending.reason(),
        failures,
        kind == Kind.PATH_NOT_ALLOWED ? NO_PATH : ending.error());
    if (latest == Health.DOWN && (kind == Kind.UNREACHABLE || kind == Kind.NO_WELCOME)) {
      told = true;
    }
  }
}
