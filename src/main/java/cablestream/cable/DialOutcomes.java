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
 * Logs when dials fail for reasons other than the caller, and when the server is back: at most one
 * line a minute for each kind, since thousands of sessions fail alike. Any thread.
 */
final class DialOutcomes {
  private static final Logger LOG = LoggerFactory.getLogger(DialOutcomes.class);

  /** Without the path, which the client sent. */
  private static final String NO_PATH =
      "the setting cable.paths doesn't name the path that a page asks for";

  private static final Duration MIN_PROOF = Duration.ofMinutes(1);

  private final Timers timers;
  private final long proofNanos;
  private final long staleNanos;
  private final Map<Kind, RateLimit<CableEnding>> tallies = new EnumMap<>(Kind.class);
  private final AtomicInteger live = new AtomicInteger();

  /** What the latest conclusive dial has shown, and the time of the latest failure. */
  private volatile Health latest = Health.UNKNOWN;

  private volatile long failedAt;

  /** The time of the latest welcome, ping or tunnel's frame; pings come between messages. */
  private volatile long receivedAt;

  private volatile boolean isFailureLogged;

  /**
   * @param maxBackoff the longest pause between two dials of a session that has lost its cable
   * @param stale the longest silence of a cable that is being read
   */
  DialOutcomes(Timers timers, Duration maxBackoff, Duration stale) {
    this.timers = timers;
    staleNanos = stale.toNanos();
    Duration proof = maxBackoff.multipliedBy(2);
    proofNanos = (proof.compareTo(MIN_PROOF) > 0 ? proof : MIN_PROOF).toNanos();
    for (Kind kind : Kind.values()) {
      tallies.put(
          kind, new RateLimit<>(timers, (times, latest) -> logFailures(kind, times, latest)));
    }
  }

  /**
   * Up while a cable receives frames, whatever a single dial has shown. A failure that isn't
   * repeated expires after a minute, or after two of the longest backoffs.
   */
  Health health() {
    if (live.get() > 0) {
      return Health.UP;
    }
    boolean outdated = timers.nanoTime() - failedAt >= proofNanos;
    return latest == Health.DOWN && outdated ? Health.UNKNOWN : latest;
  }

  /** The number of cables that are welcomed and open. */
  int live() {
    return live.get();
  }

  /**
   * Whether no cable shows that the server is alive: there is none, or none has received a frame
   * for the longest permitted silence. (A cable that isn't read doesn't notice that its server is
   * gone.)
   */
  boolean isSilent() {
    return live.get() == 0 || timers.nanoTime() - receivedAt >= staleNanos;
  }

  /** A frame has arrived. */
  void received() {
    receivedAt = timers.nanoTime();
  }

  void welcomed() {
    received();
    live.incrementAndGet();
    latest = Health.UP;
    if (isFailureLogged) {
      isFailureLogged = false;
      LOG.info("event=cable_back");
    }
  }

  /** A welcomed cable has ended, for any reason. */
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
      case DISCONNECTED, CLOSED -> {} // a matter between the server and the caller
    }
  }

  private void logFailures(Kind kind, long failures, CableEnding ending) {
    if (kind == Kind.UNAUTHORIZED) {
      // It may come from a proxy in front of the server; or Rails doesn't know the host.
      LOG.info("event=cable_dial_forbidden status={} times={}", ending.httpStatus(), failures);
      return;
    }
    LOG.warn(
        "event=cable_dial_failed kind={} failures={} error=\"{}\"",
        ending.reason(),
        failures,
        kind == Kind.PATH_NOT_ALLOWED ? NO_PATH : ending.error());
    if (latest == Health.DOWN && (kind == Kind.UNREACHABLE || kind == Kind.NO_WELCOME)) {
      isFailureLogged = true;
    }
  }
}
