package cablestream.config;

import static cablestream.config.Setting.choice;
import static cablestream.config.Setting.count;
import static cablestream.config.Setting.duration;
import static cablestream.config.Setting.flag;
import static cablestream.config.Setting.list;
import static cablestream.config.Setting.of;
import static cablestream.config.Setting.size;

import cablestream.browser.Digest;
import cablestream.cable.CablePaths;
import cablestream.cable.CableSettings;
import cablestream.cluster.ClusterSettings;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.TrustedProxies;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Every setting there is, in the order of docs/settings.md. */
public final class Settings {
  private static final List<Setting<?>> ADDED = new ArrayList<>();

  /** All of them. */
  public static final List<Setting<?>> ALL = Collections.unmodifiableList(ADDED);

  static final Setting<URI> CABLE_URL =
      add(
          of(
                  "cable.url",
                  null,
                  "one URL with ws:, wss:, http: or https:, without user and fragment",
                  "Where the ActionCable server is.",
                  Settings::cableUrl)
              .withRange("ws://… or wss://…")
              .withoutFallback(Setting.REQUIRED));
  static final Setting<CablePaths> CABLE_PATHS =
      add(
          of(
                  "cable.paths",
                  null,
                  "a list with commas, each " + CablePaths.PATH + "; or ignore",
                  "Further paths of that server that a page may name by cable-path, with * for any"
                      + " one segment; others are answered 403. With ignore the path of cable.url"
                      + " is dialled whatever a page names, as where a proxy rewrites paths.",
                  Settings::cablePaths)
              .withRange("paths like /admin/cable or /*/cable, or ignore")
              .withoutFallback("that of cable.url only"));
  static final Setting<String> CABLE_HOST =
      add(
          of(
                  "cable.host",
                  null,
                  "a host name or an address, with or without a port",
                  "The Host header of every dial, and its X-Forwarded-Host.",
                  HttpSettings::checkedHost)
              .withRange("host or host:port")
              .withoutFallback("the client's"));
  static final Setting<String> CABLE_ORIGIN =
      add(
          of(
                  "cable.origin",
                  null,
                  HttpSettings.ORIGIN,
                  "The Origin header of every dial.",
                  HttpSettings::checkedOrigin)
              .withRange("an origin")
              .withoutFallback("the client's"));
  static final Setting<List<String>> CABLE_FORWARDED_HEADERS =
      add(
          list(
                  "cable.forwarded-headers",
                  "none",
                  "a header's name that the bridge doesn't write itself",
                  "Further request headers to send to the cable; they count as credentials.",
                  HttpSettings::checkedHeader)
              .orNone(List.of())
              .withRange("names, or none"));
  static final Setting<Long> CABLE_MAX_FORWARDED =
      add(
          size(
              "cable.max-forwarded",
              "16KiB",
              "1KiB",
              "1MiB",
              "Headers and query that one session may send when it dials; more is answered 431."));
  static final Setting<Long> CABLE_MAX_MESSAGE =
      add(
          size(
              "cable.max-message",
              "16MiB",
              "64KiB",
              "1GiB",
              "A larger message from the cable is discarded and announced."));
  static final Setting<Duration> CABLE_CONNECT_TIMEOUT =
      add(
          duration(
              "cable.connect-timeout",
              "5s",
              "100ms",
              "60s",
              "How long one address of the server may take to connect, TLS included."));
  static final Setting<Duration> CABLE_WELCOME_TIMEOUT =
      add(
          duration(
              "cable.welcome-timeout",
              "10s",
              "1s",
              "60s",
              "How long a dial may take altogether, until the server's welcome."));
  static final Setting<Duration> CABLE_STALE =
      add(
          duration(
              "cable.stale",
              "6s",
              "1s",
              "10m",
              "A cable that is silent for so long counts as dropped; the server pings every 3 s."));
  static final Setting<Duration> CABLE_BACKOFF_MIN =
      add(
          duration(
              "cable.backoff-min",
              "500ms",
              "10ms",
              "1h",
              "Before the first dial after a dropped cable."));
  static final Setting<Duration> CABLE_BACKOFF_MAX =
      add(duration("cable.backoff-max", "30s", "10ms", "1h", "Between two such dials at most."));
  static final Setting<Integer> CABLE_MAX_DIALS =
      add(count("cable.max-dials", "256", 1, 100_000, "Dials at once."));
  static final Setting<Integer> CABLE_MAX_WAITING =
      add(
          count(
                  "cable.max-waiting",
                  null,
                  0,
                  1_000_000,
                  "New sessions that may wait for their dial; one more is answered 503.")
              .withoutFallback("max-sessions"));
  static final Setting<Duration> CABLE_WAIT_TIMEOUT =
      add(duration("cable.wait-timeout", "60s", "100ms", "60s", "How long one may wait for it."));

  static final Setting<Boolean> LISTENERS =
      add(
          choice(
              "listeners",
              "one",
              "many",
              "one",
              "Whether a new stream takes over from the one before, or each gets every event."));
  static final Setting<Integer> MAX_LISTENERS =
      add(count("max-listeners", "16", 1, 1_000, "Streams and polls of one session, with many."));
  static final Setting<Integer> MAX_SESSIONS =
      add(
          count(
              "max-sessions",
              "20000",
              1,
              100_000,
              "Sessions; one more is answered 503. A small heap has room for fewer."));
  static final Setting<Integer> MAX_SESSIONS_PER_ADDRESS =
      add(
          count(
              "max-sessions-per-address",
              "0",
              0,
              1_000_000,
              "Sessions of one client address (IPv6: /64); 0: any number. Offices share one."));
  static final Setting<Integer> MAX_SUBSCRIPTIONS =
      add(
          count(
              "max-subscriptions",
              "100",
              1,
              100_000,
              "Subscriptions of one session; their identifiers may have 1 KiB each on average."));
  static final Setting<Duration> LINGER =
      add(
          duration(
              "linger",
              "30s",
              "0s",
              "1h",
              "How long a session stays after its last listener has gone."));
  static final Setting<Integer> LOG_EVENTS =
      add(
          count(
              "log.events",
              "1000",
              1,
              1_000_000,
              "Events of one session that can be replayed, and as many again that wait."));
  static final Setting<Long> LOG_BYTES =
      add(size("log.bytes", "512KiB", "16KiB", "1GiB", "The same in bytes."));
  static final Setting<Long> LOG_BUDGET =
      add(
          size(
                  "log.budget",
                  null,
                  "1MiB",
                  "1023GiB",
                  "All sessions' logs together; at most half of the heap.")
              .withoutFallback("a quarter of the heap"));
  static final Setting<Duration> HEARTBEAT =
      add(duration("heartbeat", "15s", "1s", "10m", "Between two comment lines of a stream."));
  static final Setting<Duration> RETRY =
      add(duration("retry", "2s", "0s", "10m", "What a stream's retry: line says."));
  static final Setting<Duration> STALL =
      add(
          duration(
              "stall",
              "10s",
              "1s",
              "10m",
              "A listener that takes nothing for so long while another is ahead is cut off, and so is"
                  + " whoever takes nothing of an answer."));
  static final Setting<Duration> STALL_SOLE =
      add(duration("stall-sole", "25s", "1s", "10m", "The same for the only listener."));
  static final Setting<Duration> CONFIRM =
      add(
          duration(
              "confirm",
              "10s",
              "1s",
              "60s",
              "How long a subscription may take to be confirmed, and a command to be sent."));
  static final Setting<Long> MAX_UNSENT =
      add(
          size(
              "max-unsent",
              "256KiB",
              "16KiB",
              "1GiB",
              "Commands of one session that its cable hasn't taken yet; more fail."));
  static final Setting<Duration> DRAIN_NOTICE =
      add(
          duration(
              "drain.notice",
              "0s",
              "0s",
              "10m",
              "How long /-/ready says no before a drain begins; behind a balancer, longer than its check"
                  + " takes. With it, who still comes gets a 503 and goes to another node; without it,"
                  + " or with cluster.store, a stream is told when to come back."));
  static final Setting<Duration> DRAIN_RETRY_MIN =
      add(
          duration(
              "drain.retry-min",
              "500ms",
              "0s",
              "10m",
              "When a drained listener comes back at the earliest; behind a proxy, longer than a restart"
                  + " takes where no other node answers."));
  static final Setting<Duration> DRAIN_RETRY_MAX =
      add(duration("drain.retry-max", "3s", "0s", "10m", "And at the latest."));
  static final Setting<Duration> DRAIN_TIMEOUT =
      add(duration("drain.timeout", "5s", "1s", "10m", "What a drain may take after its notice."));

  static final Setting<List<String>> ALLOWED_ORIGINS =
      add(
          list(
                  "allowed-origins",
                  null,
                  HttpSettings.ORIGIN,
                  "The pages that may use the bridge.",
                  HttpSettings::checkedOrigin)
              .withRange("origins like https://app.example")
              .withoutFallback("whatever the cable accepts"));
  static final Setting<List<String>> TRUSTED_PROXIES =
      add(
          list(
                  "trusted-proxies",
                  TrustedProxies.DEFAULT.toString(),
                  "an address or a network like 10.0.0.0/8",
                  "Whose X-Forwarded-* and X-Real-IP headers are believed.",
                  network -> TrustedProxies.of(List.of(network)))
              .orNone(List.of())
              .withRange("addresses and networks, or none"));
  static final Setting<Long> MAX_BODY =
      add(
          size(
              "max-body", "64KiB", "1KiB", "64MiB", "A POST with commands; more is answered 413."));
  static final Setting<Long> MAX_TUNNEL_BODY =
      add(
          size(
              "max-tunnel-body",
              "1MiB",
              "1KiB",
              "64MiB",
              "A POST with a tunnel's frames; more is answered 413."));
  static final Setting<Integer> MAX_COMMANDS =
      add(count("max-commands", "100", 1, 10_000, "Commands of one POST; more are answered 413."));
  static final Setting<Integer> MAX_DEPTH =
      add(
          count(
              "max-depth",
              "64",
              1,
              HttpSettings.MAX_DEPTH,
              "Arrays and objects inside one another in an identifier or in a send."));
  static final Setting<Duration> POLL_TIMEOUT =
      add(duration("poll.timeout", "25s", "0s", "60s", "Of a long poll that names none."));
  static final Setting<Integer> POLL_QUEUE =
      add(
          count(
              "poll.queue",
              "32",
              1,
              HttpSettings.MAX_POLL_QUEUE,
              "Events in the answer to a long poll that names no number."));
  static final Setting<Boolean> CONSOLE =
      add(flag("console", "on", "Whether the console page is served."));
  static final Setting<Boolean> DIAGNOSIS =
      add(flag("diagnosis", "on", "Whether the page /-/diagnosis is served."));
  static final Setting<List<String>> DIAGNOSIS_WEBSOCKETS =
      add(
          list(
                  "diagnosis.websockets",
                  "none",
                  HttpSettings.WEBSOCKET_ORIGIN,
                  "What that page may dial by ?websocket= beside its own host.",
                  HttpSettings::checkedWebSocketOrigin)
              .orNone(List.of())
              .withRange("origins like wss://app.example, or none"));
  static final Setting<Digest> OPERATOR_TOKEN =
      add(
          of(
                  "operator.token",
                  null,
                  "16 to 256 of A-Z a-z 0-9 - . _ ~ + / and = at the end",
                  "Lets an operator in, from wherever: `Authorization: Bearer …`.",
                  HttpSettings::tokenDigest)
              .withRange("16 to 256 characters")
              .withoutFallback("none: nobody is let in")
              .kept());

  static final Setting<URI> CLUSTER_STORE =
      add(
          of(
                  "cluster.store",
                  null,
                  ClusterSettings.STORES,
                  "Valkey or Redis, 7 or later, by which several bridges find each other's sessions; then"
                      + " no load balancer needs to keep a browser at one of them.",
                  ClusterSettings::checkedStore)
              .withRange("redis://… or rediss://…")
              .withoutFallback("none: there is one bridge"));
  static final Setting<String> CLUSTER_SECRET =
      add(
          of(
                  "cluster.secret",
                  null,
                  "32 to 256 visible characters",
                  "What all bridges with one store have in common, and nobody else knows.",
                  text -> matching("[!-~]{32,256}", text))
              .withRange("32 to 256 characters")
              .withoutFallback("none: must be set with cluster.store")
              .kept());
  static final Setting<URI> CLUSTER_ADDRESS =
      add(
          of(
                  "cluster.address",
                  null,
                  "a URL with http: or https:, a host and the bridge's path, like"
                      + " http://10.0.0.5:8080/cable-events",
                  "How the other bridges reach this one: directly, and not through a balancer.",
                  Settings::clusterAddress)
              .withRange("http://…")
              .withoutFallback("its own address and port, with java -jar"));

  static final Setting<Integer> HTTP_PORT =
      count("http.port", "8080", 0, 65_535, "The port to listen on; 0 for any that is free.");
  static final Setting<String> HTTP_HOST =
      of(
          "http.host",
          "127.0.0.1",
          "a name or an address of this machine",
          "Where to listen: plain HTTP, so a proxy belongs in front; 0.0.0.0 (or ::) for everywhere.",
          Settings::host);
  static final Setting<String> HTTP_PATH =
      of(
              "http.path",
              "/cable-events",
              "a path like /cable-events without a slash at its end, or / for none",
              "What the path of every URL of the bridge begins with.",
              Settings::path)
          .withRange("a path like /cable-events, or /");

  static final Setting<Integer> HTTP_BACKLOG =
      count(
          "http.backlog",
          "4096",
          1,
          1_000_000,
          "Connections that may wait to be accepted, as all do at once after a restart; the kernel"
              + " caps it (net.core.somaxconn).");

  static final Setting<Duration> WARM_UP =
      duration(
          "warm-up",
          "10s",
          "0s",
          "1m",
          "How long a new process may work for itself, so that it is quick when all browsers come"
              + " back; the first of them ends it. With cluster.store, and while another node takes"
              + " them, /-/ready says 503 until it is over. 0s for not at all.");

  /** Those of {@code java -jar cablestream.war} only: a container has settings of its own. */
  static final List<Setting<?>> STANDALONE =
      List.of(HTTP_PORT, HTTP_HOST, HTTP_PATH, HTTP_BACKLOG, WARM_UP);

  private Settings() {}

  private static <T> Setting<T> add(Setting<T> setting) {
    ADDED.add(setting);
    return setting;
  }

  private static String host(String text) {
    return matching("[0-9A-Za-z.:%_-]{1,255}", text);
  }

  private static String path(String text) {
    return matching("/|(/[0-9A-Za-z._~-]+)+", text);
  }

  private static String matching(String pattern, String text) {
    if (!text.matches(pattern)) {
      throw new IllegalArgumentException();
    }
    return text;
  }

  private static URI clusterAddress(String text) {
    URI uri = URI.create(matching("https?://[^/?#@]+(/[^?#]*)?", text));
    if (uri.getHost() == null) {
      throw new IllegalArgumentException();
    }
    return URI.create(text.replaceFirst("/+$", ""));
  }

  private static CablePaths cablePaths(String text) {
    return text.equals("ignore")
        ? CablePaths.IGNORED
        : new CablePaths(Stream.of(text.split(",", -1)).map(String::strip).toList(), false);
  }

  private static URI cableUrl(String text) {
    return CableSettings.defaults(URI.create(text)).url();
  }
}
