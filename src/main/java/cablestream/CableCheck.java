package cablestream;

import cablestream.cable.Cable;
import cablestream.cable.CableDialer;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import cablestream.cable.jetty.DialFailure;
import cablestream.cable.jetty.JettyCableDialer;
import cablestream.cluster.ClusterSettings;
import cablestream.cluster.StoreCheck;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.TimerWheel;
import cablestream.config.Configuration;
import cablestream.config.InvalidConfigurationException;
import cablestream.config.SettingReader;
import cablestream.config.Sources;
import cablestream.config.StandaloneSettings;
import cablestream.http.request.HttpSettings;
import cablestream.memory.Account;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;

/**
 * The command {@code java -jar cablestream.war --check}: reads the settings, dials the Action Cable
 * server once, with the bridge's own code and as for a browser without cookies, and tests the store
 * if one is set.
 */
public final class CableCheck {
  private static final int GONE = 1001;
  private static final int FORBIDDEN = 403;

  private static final String KEY_STORE =
      "the store that has yours by -Djavax.net.ssl.keyStore before -jar (docs/connections.md)";

  private static final String ADVICE_ON_TLS =
      "If it demands a client certificate, name " + KEY_STORE;

  private final Configuration configuration;
  private final String origin;
  private final String originSource;
  private final PrintStream out;

  /**
   * Prints one line each for the settings, the dial and the store. Returns at the latest after
   * {@code cable.welcome-timeout} and some seconds for the store.
   *
   * @param origin the page's origin for the dial; null for that of the settings, otherwise the
   *     server's own
   * @return whether sessions can be expected to work
   * @throws IllegalArgumentException if a setting is invalid
   */
  public static boolean print(String origin, PrintStream out) {
    StandaloneSettings.ofProcess();
    Configuration configuration = Configuration.read(Sources.ofProcess());
    return new CableCheck(configuration, origin, out).passes();
  }

  private CableCheck(Configuration configuration, String origin, PrintStream out) {
    this.configuration = configuration;
    this.out = out;
    if (origin != null) {
      this.origin = given(origin);
      originSource = "given";
    } else if (configuration.http().dialling().origin() != null) {
      this.origin = configuration.http().dialling().origin();
      originSource = "cable.origin";
    } else if (!configuration.http().allowedOrigins().isEmpty()) {
      this.origin = configuration.http().allowedOrigins().stream().sorted().findFirst().get();
      originSource = "the first of allowed-origins";
    } else {
      this.origin = serversOwn(configuration);
      originSource = "made from cable.url, as no --check ORIGIN was given";
    }
  }

  private boolean passes() {
    for (SettingReader.Value value : configuration.values()) {
      if (!value.where().equals("default")) {
        out.printf("%s = %s (%s)%n", value.name(), value.text(), value.where());
      }
    }
    configuration.warnings().forEach(warning -> out.println("warning: " + warning));
    boolean reached = reachesServer();
    return reachesStore() && reached;
  }

  private boolean reachesServer() {
    CableEnding ending = dial();
    out.println("tried: " + tried());
    out.println("origin: " + origin + " (" + originSource + ")");
    out.println(
        ending == null
            ? "ok: the Action Cable server accepts the connection"
            : verdict(ending) + ending.error() + advice(ending));
    return ending == null || asksForLogin(ending);
  }

  private boolean reachesStore() {
    ClusterSettings cluster = configuration.cluster();
    if (cluster == null) {
      return true;
    }
    String failure = StoreCheck.failure(cluster);
    out.println(
        failure == null
            ? "ok: the store answers (cluster.store)"
            : "failed: the store can't be used (cluster.store): " + failure);
    return failure == null;
  }

  /** Null if the server sent a welcome. */
  private CableEnding dial() {
    CompletableFuture<CableEnding> outcome = new CompletableFuture<>();
    try (TimerWheel timers = new TimerWheel();
        JettyCableDialer sockets =
            new JettyCableDialer(configuration.cable(), timers, Account.ofHeap())) {
      Mailbox mailbox = new Mailbox(ForkJoinPool.commonPool());
      Cable cable =
          new CableDialer(configuration.cable(), sockets, timers)
              .cable(new Asked(outcome), mailbox, Cable.Reader.BRIDGE);
      mailbox.post(() -> cable.open(new DialRequest(headers(), "", DialRequest.PROTOCOLS), ""));
      CableEnding ending = outcome.join();
      CompletableFuture<Void> closed = new CompletableFuture<>();
      mailbox.post(
          () -> {
            cable.close(GONE, "");
            closed.complete(null);
          });
      closed.join();
      return ending;
    }
  }

  private static String given(String origin) {
    try {
      return HttpSettings.checkedOrigin(origin);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException(
          "the argument of --check is invalid; allowed: " + e.getMessage());
    }
  }

  /** The headers that the bridge would send for a page of that origin, on the bridge's own host. */
  private List<Header> headers() {
    URI page = URI.create(origin);
    List<Header> headers = new ArrayList<>();
    headers.add(new Header("Origin", origin));
    headers.add(new Header("X-Forwarded-Proto", page.getScheme()));
    headers.add(DialRequest.VIA);
    String host = configuration.http().dialling().host();
    if (host == null && !configuration.http().allowedOrigins().contains(origin)) {
      host = page.getRawAuthority();
    }
    // Rails' HostAuthorization checks both.
    if (host != null) {
      headers.add(new Header("Host", host));
      headers.add(new Header("X-Forwarded-Host", host));
    }
    return headers;
  }

  /** The URL without its query, which may contain a token. */
  private String tried() {
    URI url = configuration.cable().url();
    StringBuilder tried = new StringBuilder();
    tried.append(url.getScheme()).append("://").append(url.getRawAuthority());
    tried.append(url.getRawPath());
    headers().stream()
        .filter(header -> !header.equals(DialRequest.VIA))
        .forEach(header -> tried.append("; ").append(header.name() + ": " + header.value()));
    return tried.toString();
  }

  private static String serversOwn(Configuration configuration) {
    URI cable = configuration.cable().url();
    String host = configuration.http().dialling().host();
    String scheme = isTls(cable) ? "https://" : "http://";
    return scheme + (host == null ? cable.getRawAuthority() : host);
  }

  private static boolean isTls(URI cable) {
    return cable.getScheme().equals("wss");
  }

  private static String verdict(CableEnding ending) {
    return asksForLogin(ending) ? "ok, if it asks for a login: " : "failed: ";
  }

  /**
   * A server that authenticates refuses this dial, and accepts browsers with their cookies. Action
   * Cable does so after the upgrade; a 403 to the upgrade is Rails' response to an unknown host
   * ({@code ActionDispatch::HostAuthorization}).
   */
  private static boolean asksForLogin(CableEnding ending) {
    return ending.kind() == CableEnding.Kind.UNAUTHORIZED && ending.httpStatus() != FORBIDDEN;
  }

  private String advice(CableEnding ending) {
    return switch (ending.kind()) {
      case UNAUTHORIZED ->
          ending.httpStatus() == FORBIDDEN
              ? ". Rails answers so where config.hosts lacks the host: look at its log"
              : "";
      case UNREACHABLE -> ". " + adviceOnFailure(ending.error());
      case NO_WELCOME -> ". Rails sends none where connect raises: look at its log";
      case REFUSED -> ". " + adviceOnRefusal(ending.httpStatus());
      default -> "";
    };
  }

  /**
   * @param error ends with the cause of the failure, unless the server has answered
   */
  private String adviceOnFailure(String error) {
    URI url = configuration.cable().url();
    return Arrays.stream(DialFailure.values())
        .filter(failure -> error.endsWith(": " + failure.words()))
        .findFirst()
        .map(failure -> adviceOn(failure, url))
        .orElse("Look at cable.url, and whether that server runs");
  }

  private static String adviceOn(DialFailure failure, URI url) {
    return switch (failure) {
      case OUT_OF_DESCRIPTORS -> "Raise ulimit -n before this command";
      case UNKNOWN_HOST -> "Look at the host in cable.url, " + url.getHost();
      case TOO_LATE, NO_ROUTE ->
          "Look at host and port in cable.url, and for a firewall on the way to it";
      case CONNECTION_REFUSED -> "Look at cable.url, and whether that server runs";
      case UNKNOWN_AUTHORITY ->
          "Name a store that has that authority by -Djavax.net.ssl.trustStore before -jar"
              + " (docs/connections.md)";
      case WRONG_NAME ->
          "Put a name of the certificate's into cable.url, in place of " + url.getHost();
      case EXPIRED -> "Renew it, and look at the clock of this machine";
      case CLIENT_CERTIFICATE -> "Name " + KEY_STORE;
      case NO_TLS -> "Look at the port in cable.url, or write ws in place of wss";
      case TLS_REFUSED, TLS -> ADVICE_ON_TLS;
      case CONNECTION_LOST ->
          isTls(url) ? ADVICE_ON_TLS : "If that port expects TLS, write wss in cable.url";
      case NO_WEBSOCKET -> "Look at the port in cable.url: is it Rails', or a proxy's before it?";
    };
  }

  /**
   * @param status 0 if the upgrade succeeded
   */
  private String adviceOnRefusal(int status) {
    String path = configuration.cable().url().getRawPath();
    if (status == 404) {
      return "Either the path of cable.url, "
          + path
          + ", is wrong: compare it with config.action_cable.mount_path or the mount in"
          + " config/routes.rb. Or Rails doesn't allow the Origin: compare it with"
          + " config.action_cable.allowed_request_origins, and pass your pages' origin as --check"
          + " ORIGIN. In the second case Rails logs \"Request origin not allowed\"";
    }
    if (status >= 300 && status < 400) {
      return "If that begins with https, the server accepts TLS only (config.force_ssl in Rails):"
          + " pass your pages' https origin as --check ORIGIN, so that X-Forwarded-Proto is https. If"
          + " it is https already, cable.url leads to a proxy that ignores X-Forwarded-Proto: set"
          + " cable.url to Rails itself, or to that address with wss. Otherwise set cable.url to that"
          + " address";
    }
    if (status == 400) {
      return isTls(configuration.cable().url())
          ? "nginx answers so where it demands a client certificate: " + ADVICE_ON_TLS
          : "nginx answers so where it expects TLS: write wss in cable.url then. Otherwise look at"
              + " the server's log";
    }
    return "Check that Action Cable is mounted at the path of cable.url, "
        + path
        + ", and that the proxies on the way to it let WebSockets through";
  }

  /** Receives the outcome of the dial; the server's other messages don't matter. */
  private record Asked(CompletableFuture<CableEnding> outcome) implements Cable.Owner {
    @Override
    public void opened() {
      outcome.complete(null);
    }

    @Override
    public void ended(CableEnding ending) {
      outcome.complete(ending);
    }

    @Override
    public void frame(CableFrame frame) {}

    @Override
    public void frameDropped(String why) {}

    @Override
    public void lost(String reason) {}
  }
}
