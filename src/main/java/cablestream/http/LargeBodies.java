package cablestream.http;

import cablestream.browser.Mode;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs bodies that were refused for their size, a line a minute for each limit at most: an
 * application that sends more than the limit loses a command each time. Any thread.
 */
public final class LargeBodies {
  private static final Logger LOG = LoggerFactory.getLogger(LargeBodies.class);

  private final RateLimit<Mode, BodyLimit> tallies;

  public LargeBodies(Timers timers) {
    tallies =
        new RateLimit<>(
            Mode.class,
            timers,
            (mode, times, limit) ->
                LOG.warn(
                    "event=body_too_large times={} limit={} setting={}",
                    times,
                    limit.bytes(),
                    limit.setting()));
  }

  /** One more was refused. */
  void refused(Mode mode, BodyLimit limit) {
    tallies.count(mode, limit);
  }
}
