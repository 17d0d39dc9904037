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
 * All metrics of one deployment, in a registry of its own: other applications of the same class
 * loader share the library's default registry. Any thread.
 */
public final class Exposition {
  /** The content type of the text format. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final String PREFIX = "cablestream_";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  /**
   * Registers gauges of the bridge's state.
   *
   * @param maxSessions the largest number of sessions
   * @param account the memory of all sessions
   */
  public void watch(SessionManager sessions, int maxSessions, Account account, String version) {
    watch("sessions", "Current sessions.", sessions::size);
    watch("sessions_limit", "Largest number of sessions.", () -> maxSessions);
    watch("cables", "Cables that are welcomed and open.", () -> sessions.cables().live());
    watch(
        "dials_limit",
        "Largest number of simultaneous dials, adapted to the server's speed.",
        () -> sessions.cables().dialLimit());
    watch(
        "dials_waiting", "Dials that wait for their turn.", () -> sessions.cables().waitingDials());
    watch("log_bytes", "Bytes in all sessions' logs now.", sessions::logBytes);
    watch(
        "log_limit_bytes",
        "Bytes in logs above which histories are evicted and cables pause.",
        () -> account.limit(Kind.LOG));
    watch("log_unread_bytes", "Bytes in logs that some listener hasn't read yet.", account::unread);
    watch(account);
    watch(
        "accepting",
        "1 while new sessions are accepted, 0 while draining.",
        () -> sessions.isAccepting() ? 1 : 0);
    GaugeWithCallback.builder()
        .name(PREFIX + "cable_up")
        .help(
            "1 while a cable is live or the latest dial was welcomed, 0 while none is and the"
                + " latest dial got no answer or a 5xx; absent before a dial, and if the last"
                + " failure is long ago.")
        .callback(
            callback -> {
              Cable.Health health = sessions.cables().health();
              if (health != Cable.Health.UNKNOWN) {
                callback.call(health == Cable.Health.UP ? 1 : 0);
              }
            })
        .register(registry);
    double start = System.currentTimeMillis() / 1_000.0;
    watch("start_time_seconds", "Time of the deployment, in seconds since 1970.", () -> start);
    Info.builder()
        .name(PREFIX + "build_info")
        .help("The deployed version.")
        .labelNames("version")
        .register(registry)
        .setLabelValues(version);
  }

  /** Writes all metrics in Prometheus' text format, version 0.0.4. */
  public void write(OutputStream out) throws IOException {
    writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
  }

  /** The current counters and gauges, each named as in the text, including labels. */
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

  /** Registers the number of sessions for which there is room. */
  public void watch(Sizing sizing) {
    GaugeWithCallback.builder()
        .name(PREFIX + "sessions_room")
        .help("Sessions for which there is room, by resource; the smallest value applies.")
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
   * Registers metrics of the virtual machine and its process, if only the bridge uses them.
   *
   * @param failures how often accepting a connection failed
   * @param cut how many idle connections were closed because there were too many
   */
  public void watchProcess(LongSupplier failures, LongSupplier cut) {
    JvmMetrics.builder().register(registry);
    count(
        "accept_failures",
        "Failures to accept a connection, mostly for lack of file descriptors.",
        failures);
    count(
        "idle_connections_cut", "Idle connections closed because they used too much memory.", cut);
    // Loads the machine's libraries now, while there are file descriptors for them.
    registry.scrape();
  }

  /**
   * Registers metrics of this node and its relayed requests.
   *
   * @param relays requests that other nodes are answering now
   * @param relayed requests relayed so far
   * @param failed relayed requests whose response failed or was truncated
   */
  public void watch(
      Cluster cluster, LongSupplier relays, LongSupplier relayed, LongSupplier failed) {
    watch(
        "cluster_up",
        "1 while the nodes' store can be reached, otherwise 0.",
        () -> cluster.isUp() ? 1 : 0);
    watch(
        "cluster_address_unreachable",
        "1 while others can't reach this node at its announced address, otherwise 0.",
        () -> cluster.isUnreachable() ? 1 : 0);
    watch(
        "cluster_other_secrets",
        "Other values of cluster.secret among the nodes that use the same store.",
        cluster::otherSecrets);
    watch("cluster_nodes", "Live nodes, including this one.", cluster::count);
    watch("relays", "Relayed requests in progress.", relays::getAsLong);
    count("relayed", "Requests relayed to other nodes.", relayed);
    count("relays_failed", "Relayed requests whose response failed or was truncated.", failed);
    count(
        "cluster_alone",
        "Sessions opened without knowing whether another node has them.",
        cluster::servedAlone);
    count(
        "cluster_taken",
        "Sessions that replace one of a node that was gone or had released it.",
        cluster::taken);
    count("cluster_moved", "Sessions ended because another node had opened them.", cluster::moved);
  }

  private void count(String name, String help, LongSupplier value) {
    CounterWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .callback(callback -> callback.call(value.getAsLong()))
        .register(registry);
  }

  private void watch(Account account) {
    byKind("account_bytes", "Bytes reserved, by kind.", account::used);
    byKind("account_limit_bytes", "Largest number of bytes of each kind.", account::limit);
    CounterWithCallback.builder()
        .name(PREFIX + "account_refused")
        .help("Refused reservations, by kind.")
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

  /** A constant as a label's value. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
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
