package cablestream.metrics;

import static cablestream.metrics.Exposition.word;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.CableEnding;
import cablestream.environment.Observer;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Counts what sessions report. Any thread; no call blocks, and those for events don't allocate:
 * their counters' labels are resolved at startup. (A histogram's observation costs some 40 bytes;
 * there is one a flush.) Every label has a small, fixed set of values.
 */
public final class Metrics implements Observer {
  /**
   * The statuses of the bridge's refusals, so that each counter exists before its first refusal.
   */
  private static final List<String> REFUSALS =
      List.of(
          "400", "403", "404", "405", "408", "409", "410", "413", "415", "422", "429", "431", "500",
          "502", "503", "504");

  /**
   * Why cables are lost: Rails' reasons (action_cable/connection/base.rb, internal.rb) and ours.
   */
  private static final List<String> LOSS_REASONS =
      List.of("lost", "stale", "server_restart", "remote", "invalid_request", "unauthorized");

  private static final String TRANSPORT = "transport";
  private static final String OTHER = "other";
  private static final String FIRST = "first";
  private static final String AGAIN = "again";
  private static final String WELCOMED = "welcomed";

  private static final double[] DIAL_SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20
  };

  /** From the latency of an idle bridge to one that users notice. */
  private static final double[] DELIVERY_SECONDS = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5
  };

  /** From a stream that is ready to a listener that reconnects within its session's linger time. */
  private static final double[] WAIT_SECONDS = {
    0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
  };

  private final Exposition exposition;

  // Sessions and commands.
  private final Map<ClientTransport, CounterDataPoint> opened;
  private final Map<Fallback, CounterDataPoint> fallbacks;
  private final Map<Ending, CounterDataPoint> ended;
  private final Map<Command.Kind, CounterDataPoint> commandsDone;
  private final Map<Command.Kind, CounterDataPoint> commandsFailed;
  private final CounterDataPoint unknown;
  private final Counter refused;

  // Dials and lost cables.
  private final Histogram dials;
  private final Counter lost;

  // Listeners, and the events that go to them.
  private final Map<Transport, CounterDataPoint> attached;
  private final Map<Transport, GaugeDataPoint> listeners;
  private final CounterDataPoint logged;
  private final CounterDataPoint loggedBytes;
  private final Map<Transport, CounterDataPoint> written;
  private final Map<Transport, DistributionDataPoint> deliveries;
  private final Map<Transport, DistributionDataPoint> waits;
  private final CounterDataPoint gaps;
  private final CounterDataPoint dropped;
  private final CounterDataPoint stalls;

  /** Registers all metrics. */
  public Metrics(Exposition exposition) {
    this.exposition = exposition;
    Counter openings =
        counter("sessions_opened_total", "Sessions that were opened, by transport.", TRANSPORT);
    opened = each(ClientTransport.class, by -> openings.labelValues(word(by)));
    Counter reasons =
        counter(
            "fallbacks_total",
            "Sessions that were opened in place of a WebSocket, by the reason for the fallback.",
            "reason");
    fallbacks = each(Fallback.class, reason -> reasons.labelValues(reason.word()));
    Counter endings =
        counter("sessions_ended_total", "Sessions that have ended, by reason.", "reason");
    ended = each(Ending.class, ending -> endings.labelValues(word(ending)));
    Counter commands =
        counter("commands_total", "Commands, by kind and outcome.", "kind", "outcome");
    commandsDone = each(Command.Kind.class, kind -> commands.labelValues(word(kind), "done"));
    commandsFailed = each(Command.Kind.class, kind -> commands.labelValues(word(kind), "failed"));
    unknown =
        counter("sessions_unknown_total", "Commands for events-ids that were never seen here.");
    refused = counter("requests_refused_total", "Requests that returned an error.", "status");
    REFUSALS.forEach(refused::initLabelValues);

    dials =
        exposition.histogram(
            "dial_duration_seconds",
            "Dials from their turn to the server's welcome (a tunnel's: to its upgrade) or the"
                + " failure, by what opened the session.",
            DIAL_SECONDS,
            TRANSPORT,
            "attempt",
            "outcome");
    initDialLabels();
    lost = counter("cables_lost_total", "Welcomed cables that were lost, by reason.", "reason");
    LOSS_REASONS.forEach(lost::initLabelValues);
    lost.initLabelValues(OTHER);

    Counter arrivals =
        counter("listeners_attached_total", "Streams and polls accepted.", TRANSPORT);
    attached = each(Transport.class, transport -> arrivals.labelValues(word(transport)));
    Gauge present = exposition.gauge("listeners", "Streams and polls attached now.", TRANSPORT);
    listeners = each(Transport.class, transport -> present.labelValues(word(transport)));
    logged = counter("events_logged_total", "Events added to sessions' logs.");
    loggedBytes = counter("events_logged_bytes_total", "Bytes of the events added to logs.");
    Counter writes =
        counter("events_written_total", "Events written to listeners' containers.", TRANSPORT);
    written = each(Transport.class, transport -> writes.labelValues(word(transport)));
    Histogram delivery =
        exposition.histogram(
            "delivery_duration_seconds",
            "Time from reading a frame to writing its event to the container, once a flush, for its"
                + " oldest event; without the time in which a listener isn't ready.",
            DELIVERY_SECONDS,
            TRANSPORT);
    deliveries = each(Transport.class, transport -> delivery.labelValues(word(transport)));
    Histogram wait =
        exposition.histogram(
            "event_wait_seconds",
            "Time from logging an event to writing it to the first listener, for at most one event"
                + " a second of each session; includes the time between two polls, and any in which"
                + " no listener is ready or attached.",
            WAIT_SECONDS,
            TRANSPORT);
    waits = each(Transport.class, transport -> wait.labelValues(word(transport)));
    gaps = counter("gaps_total", "Gaps announced because events can't be replayed.");
    dropped = counter("events_dropped_total", "Events in those gaps whose number is known.");
    stalls =
        counter("listeners_stalled_total", "Listeners disconnected because they read nothing.");
  }

  /** A tunnel isn't dialled again. */
  private void initDialLabels() {
    for (OpenedBy openedBy : OpenedBy.values()) {
      for (String attempt : openedBy == OpenedBy.TUNNEL ? List.of(FIRST) : List.of(FIRST, AGAIN)) {
        dials.initLabelValues(word(openedBy), attempt, WELCOMED);
        for (CableEnding.Kind failure : CableEnding.Kind.values()) {
          dials.initLabelValues(word(openedBy), attempt, word(failure));
        }
      }
    }
  }

  @Override
  public void opened(ClientTransport transport) {
    opened.get(transport).inc();
  }

  @Override
  public void fellBack(Fallback reason) {
    fallbacks.get(reason).inc();
  }

  @Override
  public void ended(Ending ending) {
    ended.get(ending).inc();
  }

  @Override
  public void attached(Transport transport) {
    attached.get(transport).inc();
    listeners.get(transport).inc();
  }

  @Override
  public void left(Transport transport) {
    listeners.get(transport).dec();
  }

  @Override
  public void logged(int bytes) {
    logged.inc();
    loggedBytes.inc((long) bytes);
  }

  @Override
  public void written(Transport transport, long events) {
    written.get(transport).inc(events);
  }

  @Override
  public void delivered(Transport transport, long nanoseconds) {
    deliveries.get(transport).observe(seconds(nanoseconds));
  }

  @Override
  public void waited(Transport transport, long nanoseconds) {
    waits.get(transport).observe(seconds(nanoseconds));
  }

  @Override
  public void commanded(Command.Kind kind, boolean failed) {
    (failed ? commandsFailed : commandsDone).get(kind).inc();
  }

  @Override
  public void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {
    dials
        .labelValues(
            word(openedBy), again ? AGAIN : FIRST, failure == null ? WELCOMED : word(failure))
        .observe(seconds(nanoseconds));
  }

  @Override
  public void cableLost(String reason) {
    lost.labelValues(LOSS_REASONS.contains(reason) ? reason : OTHER).inc();
  }

  @Override
  public void gap(Long events) {
    gaps.inc();
    if (events != null) {
      dropped.inc(events);
    }
  }

  @Override
  public void unknown() {
    unknown.inc();
  }

  @Override
  public void stalled() {
    stalls.inc();
  }

  @Override
  public void refused(int status) {
    refused.labelValues(String.valueOf(status)).inc();
  }

  private Counter counter(String name, String help, String... labels) {
    return exposition.counter(name, help, labels);
  }

  private static double seconds(long nanoseconds) {
    return nanoseconds / 1e9;
  }

  private static <K extends Enum<K>, V> Map<K, V> each(Class<K> type, Function<K, V> maker) {
    Map<K, V> all = new EnumMap<>(type);
    for (K key : type.getEnumConstants()) {
      all.put(key, maker.apply(key));
    }
    return all;
  }
}
