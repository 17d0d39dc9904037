package cablestream.metrics;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.CableEnding;
import cablestream.environment.Observer;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
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

  private final Exposition exposition;
  private final Map<ClientTransport, CounterDataPoint> opened;
  private final Map<Fallback, CounterDataPoint> fallbacks;
  private final Map<Ending, CounterDataPoint> ended;
  private final DeliveryMetrics delivery;
  private final DialMetrics dials;
  private final Map<Command.Kind, CounterDataPoint> commandsDone;
  private final Map<Command.Kind, CounterDataPoint> commandsFailed;
  private final CounterDataPoint gaps;
  private final CounterDataPoint dropped;
  private final CounterDataPoint stalls;
  private final CounterDataPoint unknown;
  private final Counter refused;

  /** Registers all metrics. */
  public Metrics(Exposition exposition) {
    this.exposition = exposition;
    delivery = new DeliveryMetrics(exposition);
    dials = new DialMetrics(exposition);
    Counter openings =
        counter("sessions_opened_total", "Sessions that were opened, by transport.", "transport");
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
    gaps = counter("gaps_total", "Gaps announced because events can't be replayed.");
    dropped = counter("events_dropped_total", "Events in those gaps whose number is known.");
    unknown =
        counter("sessions_unknown_total", "Commands for events-ids that were never seen here.");
    stalls =
        counter("listeners_stalled_total", "Listeners disconnected because they read nothing.");
    refused = counter("requests_refused_total", "Requests that returned an error.", "status");
    REFUSALS.forEach(refused::initLabelValues);
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
    delivery.attached(transport);
  }

  @Override
  public void left(Transport transport) {
    delivery.left(transport);
  }

  @Override
  public void logged(int bytes) {
    delivery.logged(bytes);
  }

  @Override
  public void written(Transport transport, long events) {
    delivery.written(transport, events);
  }

  @Override
  public void delivered(Transport transport, long nanoseconds) {
    delivery.delivered(transport, nanoseconds);
  }

  @Override
  public void waited(Transport transport, long nanoseconds) {
    delivery.waited(transport, nanoseconds);
  }

  @Override
  public void commanded(Command.Kind kind, boolean failed) {
    (failed ? commandsFailed : commandsDone).get(kind).inc();
  }

  @Override
  public void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {
    dials.dialled(openedBy, failure, again, nanoseconds);
  }

  @Override
  public void cableLost(String reason) {
    dials.cableLost(reason);
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

  static double seconds(long nanoseconds) {
    return nanoseconds / 1e9;
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static <K extends Enum<K>, V> Map<K, V> each(Class<K> type, Function<K, V> maker) {
    Map<K, V> all = new EnumMap<>(type);
    for (K key : type.getEnumConstants()) {
      all.put(key, maker.apply(key));
    }
    return all;
  }
}
