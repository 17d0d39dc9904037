package cablestream.metrics;

import static cablestream.metrics.Metrics.each;
import static cablestream.metrics.Metrics.seconds;
import static cablestream.metrics.Metrics.word;

import cablestream.environment.Observer.Transport;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Map;

/** Counts listeners, and the events that go to them; {@link Metrics}. */
final class DeliveryMetrics {
  /** From the latency of an idle bridge to one that users notice. */
  private static final double[] DELIVERY_SECONDS = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5
  };

  /** From a stream that is ready to a listener that reconnects within its session's linger time. */
  private static final double[] WAIT_SECONDS = {
    0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
  };

  private final Map<Transport, CounterDataPoint> attached;
  private final Map<Transport, GaugeDataPoint> listeners;
  private final CounterDataPoint logged;
  private final CounterDataPoint loggedBytes;
  private final Map<Transport, CounterDataPoint> written;
  private final Map<Transport, DistributionDataPoint> deliveries;
  private final Map<Transport, DistributionDataPoint> waits;

  DeliveryMetrics(Exposition exposition) {
    Counter arrivals =
        exposition.counter("listeners_attached_total", "Streams and polls accepted.", "transport");
    attached = each(Transport.class, transport -> arrivals.labelValues(word(transport)));
    Gauge present = exposition.gauge("listeners", "Streams and polls attached now.", "transport");
    listeners = each(Transport.class, transport -> present.labelValues(word(transport)));
    logged = exposition.counter("events_logged_total", "Events added to sessions' logs.");
    loggedBytes =
        exposition.counter("events_logged_bytes_total", "Bytes of the events added to logs.");
    Counter writes =
        exposition.counter(
            "events_written_total", "Events written to listeners' containers.", "transport");
    written = each(Transport.class, transport -> writes.labelValues(word(transport)));
    Histogram delivery =
        exposition.histogram(
            "delivery_duration_seconds",
            "From a frame's being read to its event's being handed to the container, once a flush,"
                + " for the oldest event in it; without the time in which a listener takes"
                + " nothing.",
            DELIVERY_SECONDS,
            "transport");
    deliveries = each(Transport.class, transport -> delivery.labelValues(word(transport)));
    Histogram wait =
        exposition.histogram(
            "event_wait_seconds",
            "From an event's being logged to a listener's having it, for one event a second of each"
                + " session: with the time between two polls, and that in which a listener takes"
                + " nothing or is away.",
            WAIT_SECONDS,
            "transport");
    waits = each(Transport.class, transport -> wait.labelValues(word(transport)));
  }

  void attached(Transport transport) {
    attached.get(transport).inc();
    listeners.get(transport).inc();
  }

  void left(Transport transport) {
    listeners.get(transport).dec();
  }

  void logged(int bytes) {
    logged.inc();
    loggedBytes.inc((long) bytes);
  }

  void written(Transport transport, long events) {
    written.get(transport).inc(events);
  }

  void delivered(Transport transport, long nanoseconds) {
    deliveries.get(transport).observe(seconds(nanoseconds));
  }

  void waited(Transport transport, long nanoseconds) {
    waits.get(transport).observe(seconds(nanoseconds));
  }
}
