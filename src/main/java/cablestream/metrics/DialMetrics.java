package cablestream.metrics;

import static cablestream.metrics.Metrics.seconds;
import static cablestream.metrics.Metrics.word;

import cablestream.cable.CableEnding;
import cablestream.cable.DialObserver.OpenedBy;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.List;

/** Counts dials and lost cables; {@link Metrics}. */
final class DialMetrics {
  /** The reasons of Rails (action_cable/connection/base.rb, internal.rb) and of the bridge. */
  private static final List<String> LOSS_REASONS =
      List.of("lost", "stale", "server_restart", "remote", "invalid_request", "unauthorized");

  private static final String OTHER = "other";
  private static final String FIRST = "first";
  private static final String AGAIN = "again";
  private static final String WELCOMED = "welcomed";

  /** A tunnel isn't dialled again. */
  private static final List<String> ONCE = List.of(FIRST);

  private static final double[] DIAL_SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20
  };

  private final Histogram dials;
  private final Counter lost;

  DialMetrics(Exposition exposition) {
    dials =
        exposition.histogram(
            "dial_duration_seconds",
            "Dials from their turn to the server's welcome (a tunnel's: to its upgrade) or the"
                + " failure, by what opened the session.",
            DIAL_SECONDS,
            "transport",
            "attempt",
            "outcome");
    for (OpenedBy openedBy : OpenedBy.values()) {
      for (String attempt : openedBy == OpenedBy.TUNNEL ? ONCE : List.of(FIRST, AGAIN)) {
        dials.initLabelValues(word(openedBy), attempt, WELCOMED);
        for (CableEnding.Kind failure : CableEnding.Kind.values()) {
          dials.initLabelValues(word(openedBy), attempt, word(failure));
        }
      }
    }
    lost =
        exposition.counter(
            "cables_lost_total", "Welcomed cables that were lost, by reason.", "reason");
    LOSS_REASONS.forEach(lost::initLabelValues);
    lost.initLabelValues(OTHER);
  }

  void dialled(OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {
    dials
        .labelValues(
            word(openedBy), again ? AGAIN : FIRST, failure == null ? WELCOMED : word(failure))
        .observe(seconds(nanoseconds));
  }

  void cableLost(String reason) {
    lost.labelValues(LOSS_REASONS.contains(reason) ? reason : OTHER).inc();
  }
}
