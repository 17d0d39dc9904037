package cablestream.config;

import cablestream.cable.CablePaths;
import cablestream.cable.CableSettings;
import cablestream.cable.ReconnectPolicy;
import cablestream.cluster.ClusterSettings;
import cablestream.environment.Limits;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.TrustedProxies;
import cablestream.memory.Account;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * All settings in force, validated.
 *
 * @param cluster null for a single bridge
 * @param values all settings in the order of {@link Settings#ALL}
 * @param warnings about settings with which the bridge can start
 */
public record Configuration(
    Limits limits,
    CableSettings cable,
    HttpSettings http,
    ClusterSettings cluster,
    List<SettingReader.Value> values,
    List<String> warnings) {

  private static final long HEAP = Runtime.getRuntime().maxMemory();

  /** BEAT_INTERVAL of Rails. */
  private static final Duration PINGS = Duration.ofSeconds(3);

  /**
   * Reads all settings.
   *
   * @throws InvalidConfigurationException names each invalid value, its source and what is allowed
   */
  public static Configuration read(Sources sources) {
    SettingReader reader = checked(sources, List.of());
    return new Configuration(
        limits(reader),
        cable(reader),
        http(reader),
        cluster(reader),
        reader.values(),
        reader.warnings());
  }

  /**
   * Reads all settings and further ones.
   *
   * @throws InvalidConfigurationException names every problem
   */
  static SettingReader checked(Sources sources, List<Setting<?>> further) {
    SettingReader reader = new SettingReader(sources);
    reader.checkNames(Settings.ALL, Settings.OF_PROCESS.settings());
    Settings.ALL.forEach(reader::read);
    further.forEach(reader::read);
    reader.requireOrder(Settings.CABLE_BACKOFF_MIN, Settings.CABLE_BACKOFF_MAX);
    reader.requireOrder(Settings.DRAIN_RETRY_MIN, Settings.DRAIN_RETRY_MAX);
    if (HEAP / 2 <= Account.maxLogs(HEAP)) {
      reader.requireAtMost(Settings.LOG_BUDGET, HEAP / 2, "half of the heap");
    } else {
      reader.requireAtMost(
          Settings.LOG_BUDGET, Account.maxLogs(HEAP), "what a small heap has for logs");
    }
    reader.requireBoth(Settings.CLUSTER_STORE, Settings.CLUSTER_SECRET);
    reader.finish();
    doubt(reader);
    return reader;
  }

  private static void doubt(SettingReader reader) {
    if (reader.value(Settings.CABLE_STALE).compareTo(PINGS) <= 0) {
      reader.warn(
          "%s is no longer than the time between two pings of Rails, %d s: cables that are well will"
                  .formatted(Settings.CABLE_STALE.fullName(), PINGS.toSeconds())
              + " count as dropped");
    }
  }

  private static Limits limits(SettingReader reader) {
    return new Limits(
        new Limits.Sessions(
            reader.value(Settings.MAX_SESSIONS),
            reader.value(Settings.MAX_SESSIONS_PER_ADDRESS),
            reader.value(Settings.LINGER)),
        new Limits.Listening(
            reader.value(Settings.LISTENERS),
            reader.value(Settings.MAX_LISTENERS),
            reader.value(Settings.HEARTBEAT),
            reader.value(Settings.RETRY),
            reader.value(Settings.STALL),
            reader.value(Settings.STALL_SOLE)),
        new Limits.Logs(
            reader.value(Settings.LOG_EVENTS),
            Math.toIntExact(reader.value(Settings.LOG_BYTES)),
            reader.value(Settings.LOG_BUDGET, Account.defaultLogs(HEAP))),
        new Limits.Commands(
            reader.value(Settings.MAX_SUBSCRIPTIONS),
            reader.value(Settings.CONFIRM),
            Math.toIntExact(reader.value(Settings.MAX_UNSENT))),
        new Limits.Drain(
            reader.value(Settings.DRAIN_NOTICE),
            reader.value(Settings.DRAIN_RETRY_MIN),
            reader.value(Settings.DRAIN_RETRY_MAX),
            reader.value(Settings.DRAIN_TIMEOUT),
            reader.value(Settings.CLUSTER_STORE, null) != null));
  }

  private static CableSettings cable(SettingReader reader) {
    return new CableSettings(
        reader.value(Settings.CABLE_URL),
        reader.value(Settings.CABLE_PATHS, CablePaths.NONE),
        Math.toIntExact(reader.value(Settings.CABLE_MAX_MESSAGE)),
        new CableSettings.Timeouts(
            reader.value(Settings.CABLE_CONNECT_TIMEOUT),
            reader.value(Settings.CABLE_WELCOME_TIMEOUT),
            reader.value(Settings.CABLE_STALE)),
        new ReconnectPolicy(
            reader.value(Settings.CABLE_BACKOFF_MIN), reader.value(Settings.CABLE_BACKOFF_MAX)),
        new CableSettings.Dialling(
            reader.value(Settings.CABLE_MAX_DIALS),
            // All sessions of a node may reconnect at once.
            reader.value(Settings.CABLE_MAX_WAITING, reader.value(Settings.MAX_SESSIONS)),
            reader.value(Settings.CABLE_WAIT_TIMEOUT)));
  }

  private static ClusterSettings cluster(SettingReader reader) {
    URI store = reader.value(Settings.CLUSTER_STORE, null);
    return store == null
        ? null
        : new ClusterSettings(
            store,
            reader.value(Settings.CLUSTER_SECRET),
            reader.value(Settings.CLUSTER_ADDRESS, null));
  }

  private static HttpSettings http(SettingReader reader) {
    return new HttpSettings(
        Set.copyOf(reader.value(Settings.ALLOWED_ORIGINS, List.of())),
        TrustedProxies.of(reader.value(Settings.TRUSTED_PROXIES)),
        new HttpSettings.Dialling(
            reader.value(Settings.CABLE_HOST, null),
            reader.value(Settings.CABLE_ORIGIN, null),
            reader.value(Settings.CABLE_FORWARDED_HEADERS),
            Math.toIntExact(reader.value(Settings.CABLE_MAX_FORWARDED))),
        new HttpSettings.Bodies(
            Math.toIntExact(reader.value(Settings.MAX_BODY)),
            Math.toIntExact(reader.value(Settings.MAX_TUNNEL_BODY)),
            reader.value(Settings.MAX_COMMANDS),
            reader.value(Settings.MAX_DEPTH)),
        new HttpSettings.Polls(
            reader.value(Settings.POLL_TIMEOUT), reader.value(Settings.POLL_QUEUE)),
        new HttpSettings.Pages(
            reader.value(Settings.CONSOLE),
            new HttpSettings.Diagnosis(
                reader.value(Settings.DIAGNOSIS),
                Set.copyOf(reader.value(Settings.DIAGNOSIS_WEBSOCKETS)),
                reader.value(Settings.DIAGNOSIS_APPLICATION, null),
                reader.value(Settings.DIAGNOSIS_LOGO, null),
                reader.value(Settings.DIAGNOSIS_SUPPORT, null)),
            reader.value(Settings.OPERATOR_TOKEN, null)));
  }
}
