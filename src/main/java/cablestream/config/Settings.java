package cablestream.config;

import static cablestream.config.Setting.choice;
import static cablestream.config.Setting.count;
import static cablestream.config.Setting.duration;
import static cablestream.config.Setting.flag;
import static cablestream.config.Setting.list;
import static cablestream.config.Setting.listOrNone;
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
import java.util.List;
import java.util.stream.Stream;

/**
 * All settings, each declared once, in groups. docs/settings.md, the settings of docs/limits.md,
 * tomcat-context.xml, the sample for Jetty and {@code --settings} are generated from it or checked
 * against it.
 */
public final class Settings {
  private static final List<Group> ADDED = new ArrayList<>();

  /** A heading and at most eight settings, in the order of the documents. */
  public record Group(String title, List<Setting<?>> settings) {
    private <T> Setting<T> add(Setting<T> setting) {
      settings.add(setting);
      return setting;
    }
  }

  private static final Group SERVER = group("The Action Cable server");

  static final Setting<URI> CABLE_URL =
      SERVER.add(
          of(
                  "cable.url",
                  null,
                  "one URL with ws:, wss:, http: or https:, without user and fragment",
                  "URL of the Action Cable server; http:// is read as ws://.",
                  Settings::cableUrl)
              .withRange("ws://… or wss://…")
              .required("ws://127.0.0.1:3000/cable"));

  static final Setting<CablePaths> CABLE_PATHS =
      SERVER.add(
          of(
                  "cable.paths",
                  null,
                  "a list with commas, each " + CablePaths.PATH + "; or ignore",
                  "Further paths of that server that a page may name with cable-path; * stands "
                      + "for one segment. Any other path returns 403. With ignore, the bridge always "
                      + "connects to the path of cable.url, as needed behind a proxy that rewrites "
                      + "paths.",
                  Settings::cablePaths)
              .withRange("paths like /admin/cable or /*/cable, or ignore")
              .withFallback("that of cable.url only", "/admin/cable, /*/cable"));

  static final Setting<String> CABLE_HOST =
      SERVER.add(
          of(
                  "cable.host",
                  null,
                  "a host name or an address, with or without a port",
                  "Host and X-Forwarded-Host headers sent to the server, which Rails compares "
                      + "with Origin.",
                  HttpSettings::checkedHost)
              .withRange("host or host:port")
              .withFallback("the client's", "app.example"));

  static final Setting<String> CABLE_ORIGIN =
      SERVER.add(
          of(
                  "cable.origin",
                  null,
                  HttpSettings.ORIGIN,
                  "Origin header sent to the server. With a fixed value Rails can't tell other "
                      + "sites' pages from yours: also set allowed-origins.",
                  HttpSettings::checkedOrigin)
              .withRange("an origin")
              .withFallback("the client's", "https://app.example"));

  static final Setting<List<String>> CABLE_FORWARDED_HEADERS =
      SERVER.add(
          listOrNone(
                  "cable.forwarded-headers",
                  "none",
                  "a header's name that the bridge doesn't write itself",
                  "Additional request headers to forward to the server. Like cookies, they are "
                      + "credentials: a request with others can't use the session.",
                  HttpSettings::checkedHeader)
              .withRange("names, or none"));

  static final Setting<Long> CABLE_MAX_FORWARDED =
      SERVER.add(
          size(
                  "cable.max-forwarded",
                  "16KiB",
                  "1KiB",
                  "1MiB",
                  "Largest total of headers and query that one session forwards to the server; "
                      + "a larger one returns 431.")
              .limits("headers and query of one session, kept for reconnecting", "431"));

  static final Setting<Long> CABLE_MAX_MESSAGE =
      SERVER.add(
          size(
                  "cable.max-message",
                  "16MiB",
                  "64KiB",
                  "1GiB",
                  "Largest message from the server; a larger one is discarded and reported to "
                      + "the page as a gap.")
              .limits(
                  "a message of the server",
                  "it is discarded while it is read, and reported by a gap"));

  private static final Group CONNECTIONS = group("Connections to the server");

  static final Setting<Duration> CABLE_CONNECT_TIMEOUT =
      CONNECTIONS.add(
          duration(
                  "cable.connect-timeout",
                  "5s",
                  "100ms",
                  "60s",
                  "Time limit for connecting to one address of the server, including TLS.")
              .limits("a connection to one address of the server", "the next address, then 502"));

  static final Setting<Duration> CABLE_WELCOME_TIMEOUT =
      CONNECTIONS.add(
          duration(
                  "cable.welcome-timeout",
                  "10s",
                  "1s",
                  "60s",
                  "Time limit for opening a connection, until the server's welcome.")
              .limits("a dial, until the server's welcome", "504"));

  static final Setting<Duration> CABLE_STALE =
      CONNECTIONS.add(
          duration(
                  "cable.stale",
                  "6s",
                  "1s",
                  "10m",
                  "A connection without any frame for this long is considered lost. Rails pings "
                      + "every 3 s.")
              .limits("a cable that sends nothing", "it is considered lost, and dialled again"));

  static final Setting<Duration> CABLE_BACKOFF_MIN =
      CONNECTIONS.add(
          duration(
                  "cable.backoff-min",
                  "500ms",
                  "10ms",
                  "1h",
                  "Delay before the first reconnection after a lost connection; it doubles with "
                      + "each failure while Rails accepts other connections.")
              .limits("a session between two dials", "it dials again"));

  static final Setting<Duration> CABLE_BACKOFF_MAX =
      CONNECTIONS.add(
          duration(
                  "cable.backoff-max",
                  "30s",
                  "10ms",
                  "1h",
                  "Longest delay between two reconnections.")
              .limits("a session between two dials", "it dials again"));

  static final Setting<Integer> CABLE_MAX_DIALS =
      CONNECTIONS.add(
          count(
                  "cable.max-dials",
                  "256",
                  1,
                  100_000,
                  "Upper limit of the connections that are opened at the same time. The number "
                      + "adapts to how fast Rails welcomes them.")
              .limits("dials at the same time", "further ones wait"));

  static final Setting<Integer> CABLE_MAX_WAITING =
      CONNECTIONS.add(
          count(
                  "cable.max-waiting",
                  null,
                  0,
                  1_000_000,
                  "New sessions that may wait for their turn to connect; another one returns "
                      + "503.")
              .withFallback("max-sessions", "20000")
              .limits("new sessions that wait for their dial", "503 with Retry-After"));

  static final Setting<Duration> CABLE_WAIT_TIMEOUT =
      CONNECTIONS.add(
          duration(
                  "cable.wait-timeout",
                  "60s",
                  "100ms",
                  "60s",
                  "Longest wait of a new session for its turn to connect.")
              .limits("a new session that waits for its dial", "503 with Retry-After"));

  private static final Group SESSIONS = group("Sessions");

  static final Setting<Boolean> LISTENERS =
      SESSIONS.add(
          choice(
              "listeners",
              "one",
              "many",
              "one",
              "With one, a new stream replaces the previous one of its session. With many, "
                  + "each stream receives every event."));

  static final Setting<Integer> MAX_LISTENERS =
      SESSIONS.add(
          count(
                  "max-listeners",
                  "16",
                  1,
                  1_000,
                  "Largest number of streams and polls of one session if listeners is many.")
              .limits(
                  "streams and polls of one session if `listeners` is many",
                  "503 with Retry-After"));

  static final Setting<Integer> MAX_SESSIONS =
      SESSIONS.add(
          count(
                  "max-sessions",
                  "20000",
                  1,
                  100_000,
                  "Sessions; another one returns 503. A small heap has room for fewer.")
              .limits("sessions", "one without a listener ends; otherwise 503 with Retry-After"));

  static final Setting<Integer> MAX_SESSIONS_PER_ADDRESS =
      SESSIONS.add(
          count(
                  "max-sessions-per-address",
                  "0",
                  0,
                  1_000_000,
                  "Sessions of one client address; an IPv6 /64 counts as one. 0 means no limit: "
                      + "an office may share one address.")
              .limits(
                  "sessions of one client address, an IPv6 /64 being one", "503 with Retry-After"));

  static final Setting<Integer> MAX_SUBSCRIPTIONS =
      SESSIONS.add(
          count(
                  "max-subscriptions",
                  "100",
                  1,
                  100_000,
                  "Subscriptions of one session; their identifiers may have 1 KiB each on "
                      + "average.")
              .limits(
                  "subscriptions of one session, and 1 KiB each for their identifiers",
                  "the command's error"));

  static final Setting<Duration> LINGER =
      SESSIONS.add(
          duration(
                  "linger",
                  "30s",
                  "0s",
                  "1h",
                  "Time that a session remains after its last listener has disconnected.")
              .limits("a session without a listener", "it ends; earlier where there is no room"));

  static final Setting<Duration> CONFIRM =
      SESSIONS.add(
          duration(
                  "confirm",
                  "10s",
                  "1s",
                  "60s",
                  "Time limit for the server to confirm a subscription, and for a command to be "
                      + "sent.")
              .limits(
                  "a subscription, and a command that waits for it",
                  "unconfirmed; the command's error"));

  static final Setting<Long> MAX_UNSENT =
      SESSIONS.add(
          size(
                  "max-unsent",
                  "256KiB",
                  "16KiB",
                  "1GiB",
                  "Commands of one session that the server hasn't received yet; more are "
                      + "refused.")
              .limits(
                  "commands of one session that wait to be sent to Rails", "the command's error"));

  private static final Group STREAMS = group("Streams and replay");

  static final Setting<Integer> LOG_EVENTS =
      STREAMS.add(
          count(
                  "log.events",
                  "1000",
                  1,
                  1_000_000,
                  "Events of one session that are kept for replay, and as many again that wait "
                      + "to be delivered.")
              .limits(
                  "events of one session that were read, and as many that weren't",
                  "the oldest history is removed; a full backlog pauses the cable"));

  static final Setting<Long> LOG_BYTES =
      STREAMS.add(
          size(
                  "log.bytes",
                  "512KiB",
                  "16KiB",
                  "1GiB",
                  "Largest replay history of one session, in bytes, and as much again that "
                      + "waits to be delivered.")
              .limits("the same, in bytes", "the same"));

  static final Setting<Long> LOG_BUDGET =
      STREAMS.add(
          size(
                  "log.budget",
                  null,
                  "1MiB",
                  "1023GiB",
                  "Total size of all sessions' logs; at most half of the heap.")
              .withFallback("a quarter of the heap", "256MiB")
              .limits(
                  "all sessions' logs together",
                  "histories are removed, the oldest first; then cables pause"));

  static final Setting<Duration> HEARTBEAT =
      STREAMS.add(
          duration(
              "heartbeat",
              "15s",
              "1s",
              "10m",
              "Interval between two comment lines of a stream; shorter than the idle "
                  + "timeout of every proxy on the way."));

  static final Setting<Duration> RETRY =
      STREAMS.add(
          duration(
              "retry",
              "1s",
              "0s",
              "10m",
              "Longest delay before a browser reconnects a stream; the shortest is half of it."));

  static final Setting<Duration> STALL =
      STREAMS.add(
          duration(
                  "stall",
                  "10s",
                  "1s",
                  "10m",
                  "A listener that reads nothing for this long while another one is ahead of it "
                      + "is disconnected, as is a client that doesn't read its response.")
              .limits(
                  "a listener that reads nothing while another is ahead, and a response that isn't read",
                  "it is disconnected, and may reconnect with its cursor"));

  static final Setting<Duration> STALL_SOLE =
      STREAMS.add(
          duration(
                  "stall-sole",
                  "25s",
                  "1s",
                  "10m",
                  "A session's only listener is disconnected when it reads nothing for this "
                      + "long.")
              .limits(
                  "the only listener of a session, while it reads nothing",
                  "it is disconnected, and may reconnect with its cursor"));

  private static final Group REQUESTS = group("Requests");

  static final Setting<Long> MAX_BODY =
      REQUESTS.add(
          size(
                  "max-body",
                  "64KiB",
                  "1KiB",
                  "64MiB",
                  "Largest POST with commands; a larger one returns 413.")
              .limits("one body", "413"));

  static final Setting<Long> MAX_TUNNEL_BODY =
      REQUESTS.add(
          size(
                  "max-tunnel-body",
                  "1MiB",
                  "1KiB",
                  "64MiB",
                  "Largest POST with a tunnel's frames; a larger one returns 413.")
              .limits("one body of a tunnel", "413"));

  static final Setting<Integer> MAX_COMMANDS =
      REQUESTS.add(
          count("max-commands", "100", 1, 10_000, "Commands in one POST; more return 413.")
              .limits("commands of one body", "413"));

  static final Setting<Integer> MAX_DEPTH =
      REQUESTS.add(
          count(
                  "max-depth",
                  "64",
                  1,
                  HttpSettings.MAX_DEPTH,
                  "Arrays and objects nested in one another in an identifier, or in what a "
                      + "command sends.")
              .limits("arrays and objects nested in one another", "the command's error"));

  static final Setting<Duration> POLL_TIMEOUT =
      REQUESTS.add(
          duration(
                  "poll.timeout",
                  "25s",
                  "0s",
                  "60s",
                  "Longest duration of a long poll without the parameter timeout.")
              .limits(
                  "a poll without its own timeout, 60 s at most", "a response without messages"));

  static final Setting<Integer> POLL_QUEUE =
      REQUESTS.add(
          count(
                  "poll.queue",
                  "32",
                  1,
                  HttpSettings.MAX_POLL_QUEUE,
                  "Largest number of events in the response to a long poll that names none.")
              .limits(
                  "events in the response to a poll that names none, 1,000 at most",
                  "the others wait for the next poll"));

  private static final Group ACCESS = group("Access and operators");

  static final Setting<List<String>> ALLOWED_ORIGINS =
      ACCESS.add(
          list(
                  "allowed-origins",
                  null,
                  HttpSettings.ORIGIN,
                  "Origins whose pages may use the bridge.",
                  HttpSettings::checkedOrigin)
              .withRange("origins like https://app.example")
              .withFallback(
                  "every origin that the server accepts",
                  "https://app.example, https://www.app.example"));

  static final Setting<List<String>> TRUSTED_PROXIES =
      ACCESS.add(
          listOrNone(
                  "trusted-proxies",
                  TrustedProxies.DEFAULT.toString(),
                  "an address or a network like 10.0.0.0/8",
                  "Proxies whose X-Forwarded-* headers are trusted, and X-Real-IP where they send no "
                      + "X-Forwarded-For.",
                  network -> TrustedProxies.of(List.of(network)))
              .withRange("addresses and networks, or none"));

  static final Setting<Digest> OPERATOR_TOKEN =
      ACCESS.add(
          of(
                  "operator.token",
                  null,
                  "16 to 256 of A-Z a-z 0-9 - . _ ~ + / and = at the end",
                  "Bearer token of the operator endpoints (Authorization: Bearer …). Without it "
                      + "they are disabled. Make one with openssl rand -hex 32, and keep the file "
                      + "that contains it readable to the bridge's user only.",
                  HttpSettings::tokenDigest)
              .withRange("16 to 256 characters")
              .withFallback(
                  "none: the operator endpoints are disabled",
                  "what-openssl-rand-hex-32-has-printed")
              .secret());

  static final Setting<Boolean> CONSOLE =
      ACCESS.add(
          flag(
              "console",
              "on",
              "Whether the console page is served. Turn it off where the public can reach "
                  + "the bridge."));

  private static final Group DIAGNOSIS_PAGE = group("Diagnosis page");

  static final Setting<Boolean> DIAGNOSIS =
      DIAGNOSIS_PAGE.add(
          flag("diagnosis", "on", "Whether the diagnosis page /-/diagnosis is served."));

  static final Setting<List<String>> DIAGNOSIS_WEBSOCKETS =
      DIAGNOSIS_PAGE.add(
          listOrNone(
                  "diagnosis.websockets",
                  "none",
                  HttpSettings.WEBSOCKET_ORIGIN,
                  "Origins other than its own host that the diagnosis page may test with ?websocket=.",
                  HttpSettings::checkedWebSocketOrigin)
              .withRange("origins like wss://app.example, or none"));

  static final Setting<String> DIAGNOSIS_APPLICATION =
      DIAGNOSIS_PAGE.add(
          of(
                  "diagnosis.application",
                  null,
                  "1 to 60 characters",
                  "What the diagnosis page calls your application.",
                  text -> matching(".{1,60}", text))
              .withFallback("none", "Acme"));

  static final Setting<String> DIAGNOSIS_LOGO =
      DIAGNOSIS_PAGE.add(
          of(
                  "diagnosis.logo",
                  null,
                  "an https: URL, or a path of the page's own host like /logo.svg",
                  "Image that the diagnosis page shows.",
                  text -> matching("(https://[0-9A-Za-z.-]+(:[0-9]+)?)?/[0-9A-Za-z/._~%-]*", text))
              .withRange("https://… or /…")
              .withFallback("none", "/logo.svg"));

  static final Setting<String> DIAGNOSIS_SUPPORT =
      DIAGNOSIS_PAGE.add(
          of(
                  "diagnosis.support",
                  null,
                  "a mail address or an https: URL",
                  "Where the diagnosis page asks visitors to send its report.",
                  text -> matching("https://[!-~]{1,200}|[^@\\s/:]+@[0-9A-Za-z.-]+", text))
              .withRange("a mail address or https://…")
              .withFallback("none", "support@app.example"));

  private static final Group RESTARTS = group("Restarts");

  static final Setting<Duration> DRAIN_NOTICE =
      RESTARTS.add(
          duration(
                  "drain.notice",
                  "0s",
                  "0s",
                  "10m",
                  "Time that /-/ready returns 503 before a drain begins; behind a load "
                      + "balancer, longer than its health check takes. During it new requests return "
                      + "503, so that the balancer sends them to another node. Without it, and with "
                      + "cluster.store, streams get a retry: line instead.")
              .limits("the notice before a drain", "the drain begins"));

  static final Setting<Duration> DRAIN_RETRY_MIN =
      RESTARTS.add(
          duration(
              "drain.retry-min",
              "500ms",
              "0s",
              "10m",
              "Earliest reconnection of a listener that a drain has disconnected; longer "
                  + "than a restart takes where no other node answers."));

  static final Setting<Duration> DRAIN_RETRY_MAX =
      RESTARTS.add(
          duration(
              "drain.retry-max",
              "1500ms",
              "0s",
              "10m",
              "Latest reconnection of a listener that a drain has disconnected."));

  static final Setting<Duration> DRAIN_TIMEOUT =
      RESTARTS.add(
          duration(
                  "drain.timeout",
                  "5s",
                  "1s",
                  "10m",
                  "Time limit of a drain after its notice; listeners that remain are then "
                      + "disconnected.")
              .limits("a drain", "the remaining clients are disconnected"));

  private static final Group NODES = group("Several nodes");

  static final Setting<URI> CLUSTER_STORE =
      NODES.add(
          of(
                  "cluster.store",
                  null,
                  ClusterSettings.STORES,
                  "Valkey or Redis, 7 or later, in which several bridges find each other's "
                      + "sessions. No load balancer has to keep a browser at one node then.",
                  ClusterSettings::checkedStore)
              .withRange(
                  "redis://[user:password@]host[:port][/database], "
                      + "redis-sentinel://host:port,…/master or redis-cluster://host:port,…; "
                      + "rediss… for TLS")
              .withFallback("none: a single bridge", "redis://10.0.0.2:6379"));

  static final Setting<String> CLUSTER_SECRET =
      NODES.add(
          of(
                  "cluster.secret",
                  null,
                  "32 to 256 visible characters",
                  "Secret shared by all bridges with the same store. Make one with openssl rand "
                      + "-base64 32.",
                  text -> matching("[!-~]{32,256}", text))
              .withRange("32 to 256 characters")
              .withFallback(
                  "none: must be set with cluster.store", "what-openssl-rand-base64-32-has-printed")
              .secret());

  static final Setting<URI> CLUSTER_ADDRESS =
      NODES.add(
          of(
                  "cluster.address",
                  null,
                  "a URL with http: or https:, a host and the bridge's path, like http://10.0.0.5:8080/cable-events",
                  "URL at which the other bridges reach this one, directly and not through a "
                      + "load balancer.",
                  Settings::clusterAddress)
              .withRange("http://… or https://…")
              .withFallback(
                  "its own address and port, with java -jar", "http://10.0.0.5:8080/cable-events"));

  private static final Group PROCESS = group("Only with java -jar");

  static final Setting<Integer> HTTP_PORT =
      PROCESS.add(
          count("http.port", "8080", 0, 65_535, "Port to listen on; 0 selects a free one."));

  static final Setting<String> HTTP_HOST =
      PROCESS.add(
          of(
              "http.host",
              "127.0.0.1",
              "a name or an address of this machine",
              "Address to listen on, with plain HTTP: a proxy belongs in front. 0.0.0.0 or "
                  + ":: listens on all addresses.",
              Settings::host));

  static final Setting<String> HTTP_PATH =
      PROCESS.add(
          of(
                  "http.path",
                  "/cable-events",
                  "a path like /cable-events without a slash at its end, or / for none",
                  "Path with which every URL of the bridge begins.",
                  Settings::path)
              .withRange("a path like /cable-events, or /"));

  static final Setting<Integer> HTTP_BACKLOG =
      PROCESS.add(
          count(
              "http.backlog",
              "4096",
              1,
              1_000_000,
              "Connections that may wait to be accepted, as they do after a restart. The "
                  + "kernel caps it (net.core.somaxconn)."));

  static final Setting<Duration> WARM_UP =
      PROCESS.add(
          duration(
              "warm-up",
              "10s",
              "0s",
              "1m",
              "Longest warm-up of a new process, so that it is fast when all browsers "
                  + "reconnect; the first request ends it. With cluster.store, while another node "
                  + "accepts sessions, /-/ready returns 503 until it is over. 0s turns it off."));

  /** The settings of a web application in any container. */
  public static final List<Group> GROUPS = List.copyOf(ADDED.subList(0, ADDED.size() - 1));

  /** The settings of {@code java -jar cablestream.war} only: other containers have their own. */
  public static final Group OF_PROCESS = PROCESS;

  /** All settings of a web application. */
  public static final List<Setting<?>> ALL =
      GROUPS.stream().<Setting<?>>flatMap(group -> group.settings().stream()).toList();

  private Settings() {}

  private static Group group(String title) {
    Group group = new Group(title, new ArrayList<>());
    ADDED.add(group);
    return group;
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
    return CableSettings.checkedUrl(URI.create(text));
  }
}
