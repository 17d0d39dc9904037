package cablestream.cable;

import cablestream.session.Cable.Health;
import cablestream.session.CableEnding;
import cablestream.session.CableEnding.Kind;
import cablestream.session.Tallies;
import cablestream.session.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator when dials fail for reasons that aren't the caller's, and when the server is
 * back: a line a minute for each kind at most, since thousands of sessions fail alike. Any thread.
 */
final class DialOutcomes {
  private static final Logger LOG = LoggerFactory.getLogger(DialOutcomes.class);

  private final Tallies<Kind> tallies;
  private volatile boolean down;
  private volatile Health health = Health.UNKNOWN;

  DialOutcomes(Timers timers) {
    tallies = new Tallies<>(Kind.class, timers);
  }

  Health health() {
    return health;
  }

  void welcomed() {
    health = Health.UP;
    if (down) {
      down = false;
      LOG.info("event=cable_back");
    }
  }

  void failed(CableEnding ending) {
    if (ending.kind() == Kind.UNREACHABLE || ending.kind() == Kind.NO_WELCOME) {
      health = Health.DOWN;
    }
    switch (ending.kind()) {
      case REFUSED, BUSY -> warn(ending);
      case UNREACHABLE, NO_WELCOME -> {
        if (warn(ending)) {
          down = true;
        }
      }
      case UNAUTHORIZED, DISCONNECTED, CLOSED -> {} // between the server and the caller
    }
  }

  private boolean warn(CableEnding ending) {
    long failures = tallies.due(ending.kind());
    if (failures > 0) {
      LOG.warn(
          "event=cable_dial_failed kind={} failures={} error=\"{}\"",
          ending.reason(),
          failures,
          ending.error());
    }
    return failures > 0;
  }
}
