package cablestream.metrics;

import cablestream.cable.Cable;
import cablestream.cluster.Cluster;
import cablestream.environment.Sizing;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.session.SessionManager;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * All metrics of one deployment, in a registry of its own: the library's default one is shared by
 * whatever else its class loader serves. Any thread.
 */
public final class Exposition {
  /** What is written. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final String PREFIX = "cablestream_";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  /**
   * Shows what is read rather than counted.
   *
   * @param maxSessions how many sessions there may be
   * @param account what is held
   */
  public void watch(SessionManager sessions, int maxSessions, Account account, String version) {
    watch("sessions", "Sessions now.", sessions::size);
    watch("sessions_limit", "Sessions that there may be.", () -> maxSessions);
    watch("cables", "Cables that have been welcomed and aren't over.", sessions::cables);
    watch(
        "dials_limit",
        "Dials that may be underway at the same time, as the server welcomes them.",
        sessions::dialLimit);
    watch("dials_waiting", "Dials that wait for their turn.", sessions::waitingDials);
    watch("log_bytes", "Bytes in all sessions' logs now.", sessions::logBytes);
    watch(
        "log_limit_bytes",
        "Bytes from which on histories go and cables pause.",
        () -> account.limit(Kind.LOG));
    watch("log_unread_bytes", "Bytes of the logs that somebody has yet to read.", account::unread);
    watch(account);
    watch(
        "accepting",
        "1 while new sessions are let in, 0 while draining.",
        () -> sessions.isAccepting() ? 1 : 0);
    GaugeWithCallback.builder()
        .name(PREFIX + "cable_up")
        .help(
            "1 while a cable is live or the latest dial was welcomed, 0 while none is and the"
                + " latest dial met nobody; absent before a dial, and when the last failure is long"
                + " ago.")
        .callback(
            callback -> {
              Cable.Health health = sessions.cableHealth();
              if (health != Cable.Health.UNKNOWN) {
                callback.call(health == Cable.Health.UP ? 1 : 0);
              }
            })
        .register(registry);
    double start = System.currentTimeMillis() / 1_000.0;
    watch("start_time_seconds", "When it was deployed, in seconds since 1970.", () -> start);
    Info.builder()
        .name(PREFIX + "build_info")
        .help("What is deployed.")
        .labelNames("version")
        .register(registry)
        .setLabelValues(version);
  }

  /** Writes all of it in Prometheus' text format, version 0.0.4. */
  public void write(OutputStream out) throws IOException {
    writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
  }

  /** Counters and gauges as they stand, each named as in the text, labels included. */
  public SortedMap<String, Double> values() {
    SortedMap<String, Double> values = new TreeMap<>();
    for (MetricSnapshot metric : registry.scrape()) {
      String name = metric.getMetadata().getName();
      if (metric instanceof CounterSnapshot counter) {
        counter
            .getDataPoints()
            .forEach(
                point -> values.put(name + "_total" + text(point.getLabels()), point.getValue()));
      } else if (metric instanceof GaugeSnapshot gauge) {
        gauge
            .getDataPoints()
            .forEach(point -> values.put(name + text(point.getLabels()), point.getValue()));
      }
    }
    return values;
  }

  Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  Histogram histogram(String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(bounds)
        .withoutExemplars()
        .register(registry);
  }

  /** Shows how many sessions there is room for. */
  public void watch(Sizing sizing) {
    GaugeWithCallback.builder()
        .name(PREFIX + "sessions_room")
        .help("Sessions that there is room for, by what bounds them; the least is in force.")
        .labelNames("by")
        .callback(
            callback -> {
              callback.call(sizing.setting(), "setting");
              callback.call(sizing.heap(), "heap");
              callback.call(sizing.descriptors(), "descriptors");
            })
        .register(registry);
  }

  /**
   * Shows the virtual machine and its process, where they are the bridge's alone.
   *
   * @param failures how often no connection could be accepted
   * @param cut how many idle connections were ended, as there were too many
   */
  public void watchProcess(LongSupplier failures, LongSupplier cut) {
    JvmMetrics.builder().register(registry);
    count(
        "accept_failures",
        "How often no connection could be accepted, for lack of file descriptors mostly.",
        failures);
    count(
        "idle_connections_cut",
        "Connections ended on which nothing was being done, as they held too much memory.",
        cut);
    // Now rather than when there may be no descriptor left to load the machine's libraries with.
    registry.scrape();
  }

  /**
   * Shows this node among others, and what it hands on to them.
   *
   * @param relays requests that are being answered by others
   * @param relayed handed on so far
   * @param failed those that weren't answered to the end
   */
  public void watch(
      Cluster cluster, LongSupplier relays, LongSupplier relayed, LongSupplier failed) {
    watch(
        "cluster_up",
        "1 while the nodes' store can be reached, else 0.",
        () -> cluster.isUp() ? 1 : 0);
    watch(
        "cluster_address_unreachable",
        "1 while this node isn't found at the address that others have of it, else 0.",
        () -> cluster.isUnreachable() ? 1 : 0);
    watch(
        "cluster_other_secrets",
        "Other values of cluster.secret among the nodes that use the same store.",
        cluster::otherSecrets);
    watch("cluster_nodes", "Nodes that live, this one included.", cluster::count);
    watch("relays", "Requests that other nodes are answering.", relays::getAsLong);
    count("relayed", "Requests that were handed on to other nodes.", relayed);
    count("relays_failed", "Those that weren't answered to the end.", failed);
    count(
        "cluster_alone",
        "Sessions opened without knowing whether another node has them.",
        cluster::servedAlone);
    count(
        "cluster_taken",
        "Sessions opened in the place of a node that was gone, or had given them up.",
        cluster::taken);
    count("cluster_moved", "Sessions ended as another node had opened them.", cluster::moved);
  }

  private void count(String name, String help, LongSupplier value) {
    CounterWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .callback(callback -> callback.call(value.getAsLong()))
        .register(registry);
  }

  private void watch(Account account) {
    byKind("account_bytes", "Bytes that are held, by what they are.", account::used);
    byKind("account_limit_bytes", "Bytes that may be held of a kind.", account::limit);
    CounterWithCallback.builder()
        .name(PREFIX + "account_refused")
        .help("How often there was no room, by what it was for.")
        .labelNames("kind")
        .callback(
            callback -> {
              for (Kind kind : Kind.values()) {
                callback.call(account.refused(kind), word(kind));
              }
            })
        .register(registry);
  }

  private void byKind(String name, String help, ToLongFunction<Kind> bytes) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames("kind")
        .callback(
            callback -> {
              for (Kind kind : Kind.values()) {
                callback.call(bytes.applyAsLong(kind), word(kind));
              }
            })
        .register(registry);
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void watch(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  private static String text(Labels labels) {
    if (labels.isEmpty()) {
      return "";
    }
    StringJoiner text = new StringJoiner(",", "{", "}");
    for (Label label : labels) {
      text.add(label.getName() + "=" + label.getValue());
    }
    return text.toString();
  }
}
