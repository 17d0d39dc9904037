package cablestream;

import cablestream.cable.CableDialer;
import cablestream.cable.CableSettings;
import cablestream.cable.EchoCable;
import cablestream.cable.jetty.JettyCableDialer;
import cablestream.cluster.Cluster;
import cablestream.cluster.ClusterSettings;
import cablestream.concurrent.Fault;
import cablestream.concurrent.SessionPool;
import cablestream.concurrent.TimerWheel;
import cablestream.config.Configuration;
import cablestream.config.InvalidConfigurationException;
import cablestream.config.Setting;
import cablestream.config.Sources;
import cablestream.echo.EchoTrials;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.environment.Sizing;
import cablestream.http.BridgeContext;
import cablestream.http.pages.Deployment;
import cablestream.http.pages.PageContext;
import cablestream.http.relay.NodeRouter;
import cablestream.http.relay.Relays;
import cablestream.http.relay.ServedSessions;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RequestBodies;
import cablestream.http.response.Cors;
import cablestream.http.response.Responses;
import cablestream.http.response.Responses.OwnServer;
import cablestream.http.response.TcpTable;
import cablestream.memory.Account;
import cablestream.metrics.Exposition;
import cablestream.metrics.Metrics;
import cablestream.session.PresenceListener;
import cablestream.session.SessionManager;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the bridge when the web application starts, and stops it in reverse order when the
 * application stops. An invalid configuration stops the deployment.
 */
public final class Bootstrap implements ServletContextListener {
  private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);
  private static final String VERSION =
      "/META-INF/maven/io.github.cablestream/cablestream/pom.properties";

  /**
   * The servlet context's attribute with a {@code Supplier<CompletionStage<Void>>} that drains, for
   * a server that is about to stop the web application.
   */
  public static final String DRAIN = "cablestream.drain";

  /**
   * The servlet context's attribute with a {@link Sources}: this bridge's settings, in place of
   * those of the process and the context's parameters. Such a bridge serves no browsers (it warms
   * the process up) and doesn't log its start and stop.
   */
  public static final String SOURCES = "cablestream.sources";

  /** The servlet context's attribute with an {@code IntSupplier}: the number of sessions. */
  public static final String SESSIONS = "cablestream.sessions";

  /**
   * The servlet context's attribute with the {@code InetAddress} on which a server listens that
   * runs only this web application. Its requests have the addresses of their connections.
   */
  public static final String HOST = "cablestream.host";

  /** The system property with the port of Jetty's Maven plugin and of {@code java -jar}. */
  public static final String PORT = "jetty.http.port";

  /** The running parts, the newest first. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    try {
      Configuration configuration =
          Configuration.read(
              context.getAttribute(SOURCES) instanceof Sources sources
                  ? sources
                  : Sources.of(context));
      configuration.warnings().forEach(warning -> LOG.warn("event=doubtful_setting {}", warning));
      String node = newNode();
      start(node, configuration, context);
      if (!isHidden(context)) {
        greet(node, configuration, context);
      }
    } catch (RuntimeException | Error e) {
      if (e instanceof InvalidConfigurationException) {
        e.getMessage().lines().forEach(line -> LOG.error("event=bad_configuration {}", line));
      }
      stop(); // Jetty doesn't call contextDestroyed after a failure
      throw e;
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (!running.isEmpty()) {
      stop();
      if (!isHidden(event.getServletContext())) {
        LOG.info("event=stopped");
      }
    }
  }

  private static boolean isHidden(ServletContext context) {
    return context.getAttribute(SOURCES) != null;
  }

  private static String newNode() {
    byte[] bytes = new byte[12];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  private void start(String node, Configuration configuration, ServletContext context) {
    OwnServer server = (OwnServer) context.getAttribute(OwnServer.ATTRIBUTE);
    boolean isAlone = server != null && !isHidden(context);
    Exposition exposition = new Exposition();
    Metrics metrics = new Metrics(exposition);
    Environment environment = environment(node, configuration, context, metrics);
    Account account = environment.account();
    Cluster cluster = cluster(configuration.cluster(), environment, context);
    if (cluster != null) {
      started(cluster);
    }
    Relays relays = cluster == null ? null : started(new Relays(cluster, environment));
    SessionManager sessions = started(sessions(environment, cluster, false));
    EchoTrials trials = started(new EchoTrials(account, environment.timers()));
    SessionManager echo =
        configuration.http().pages().diagnosis().served()
            ? started(echo(environment, trials, cluster))
            : null;
    Deployment deployment =
        deployment(
            configuration,
            version(context),
            server == null ? () -> false : server::isOutOfDescriptors);
    exposition.watch(
        sessions, environment.limits().sessions().max(), account, deployment.version());
    Sizing sizing = Sizing.of(environment);
    exposition.watch(sizing);
    if (!isHidden(context)) {
      logSizing(sizing);
    }
    if (isAlone) {
      exposition.watchProcess(server::acceptFailures, server::idleConnectionsCut);
    }
    BooleanSupplier warmingUp = server == null ? () -> false : server::isWarmingUp;
    ServedSessions served = new ServedSessions(sessions, echo, warmingUp);
    if (cluster != null) {
      exposition.watch(cluster, relays::now, relays::handedOn, relays::failed);
      cluster.start(served);
    }
    HttpSettings http = configuration.http();
    Responses responses =
        new Responses(
            environment.timers(),
            environment.execution().pool(),
            environment.limits().listening().stall(),
            account,
            started(new TcpTable(environment.timers(), environment.execution().pool(), isAlone)),
            server,
            new Cors(http),
            metrics);
    RequestBodies bodies =
        new RequestBodies(account, environment.timers(), environment.execution().pool());
    NodeRouter nodeRouter = new NodeRouter(cluster, relays, served, http, responses, bodies);
    new BridgeContext(http, served, responses, bodies, nodeRouter).publish(context);
    new PageContext(http, sessions, exposition, deployment, trials, cluster, warmingUp, responses)
        .publish(context);
    context.setAttribute(DRAIN, drain(sessions));
    IntSupplier size = sessions::size;
    context.setAttribute(SESSIONS, size);
  }

  /** Builds what all sessions share. */
  private Environment environment(
      String node, Configuration configuration, ServletContext context, Metrics metrics) {
    TimerWheel timers = started(new TimerWheel());
    SessionPool pool = started(new SessionPool(Runtime.getRuntime().availableProcessors()));
    int responseBytes = responseBytes(context);
    Account account =
        new Account(
            Runtime.getRuntime().maxMemory(),
            configuration.limits().logs().budget(),
            responseBytes);
    CableSettings cable = configuration.cable();
    return new Environment(
        node,
        configuration.limits().fitting(Sizing.fitting()),
        new Environment.Execution(timers, InstantSource.system(), pool, new SecureRandom()),
        new CableDialer(cable, started(new JettyCableDialer(cable, timers, account)), timers),
        metrics,
        account,
        responseBytes);
  }

  /**
   * This node, which isn't announced to the others yet.
   *
   * @param settings null for a single bridge
   * @return null for a single bridge: no class of the cluster is loaded then
   * @throws InvalidConfigurationException if this node's address for the others is unknown
   */
  private static Cluster cluster(
      ClusterSettings settings, Environment environment, ServletContext context) {
    return settings == null
        ? null
        : new Cluster(
            environment.node(),
            settings.address() == null ? settings.at(ownAddress(context)) : settings,
            environment.timers(),
            environment.execution().pool(),
            environment.account());
  }

  /** A web application can't ask its container for the port; {@code java -jar} sets it. */
  private static URI ownAddress(ServletContext context) {
    String port = System.getProperty(PORT);
    if (port == null) {
      throw new InvalidConfigurationException(
          "cablestream.cluster.address must be set with cablestream.cluster.store: in a servlet"
              + " container the bridge doesn't know its own port");
    }
    InetAddress listening = context.getAttribute(HOST) instanceof InetAddress host ? host : null;
    return ClusterSettings.ownAddress(listening, port, context.getContextPath());
  }

  private static SessionManager sessions(
      Environment environment, Cluster cluster, boolean areTrials) {
    return cluster == null
        ? new SessionManager(environment)
        : new SessionManager(environment, presence(cluster, areTrials));
  }

  /** Announces this node's sessions to the others. */
  private static PresenceListener presence(Cluster cluster, boolean areTrials) {
    return new PresenceListener() {
      @Override
      public void opened(String eventsId) {
        cluster.opened(ServedSessions.name(eventsId, areTrials));
      }

      @Override
      public void left(String eventsId, boolean forGood) {
        cluster.ended(ServedSessions.name(eventsId, areTrials), forGood);
      }
    };
  }

  private static void logSizing(Sizing sizing) {
    String advice = sizing.advice();
    LOG.info(
        "event=sizing sessions={} max-sessions={} heap={} descriptors={} raise=\"{}\"",
        sizing.sessions(),
        sizing.setting(),
        sizing.heap(),
        sizing.descriptors(),
        advice.isEmpty() ? "nothing" : advice);
  }

  private static Supplier<CompletionStage<Void>> drain(SessionManager sessions) {
    return () -> {
      CompletableFuture<Void> drained = new CompletableFuture<>();
      sessions.drain(report -> drained.complete(null));
      return drained;
    };
  }

  /** Measured with 400 streams in each; an unknown container counts as Jetty. */
  private static int responseBytes(ServletContext context) {
    return context.getServerInfo().contains("Tomcat") ? 100 * 1_024 : 10 * 1_024;
  }

  /** Anyone may test a network, so these sessions are small, and separate from the others. */
  private static SessionManager echo(Environment environment, EchoTrials trials, Cluster cluster) {
    Limits limits = environment.limits().ofTrials();
    return sessions(
        environment.with(limits, EchoCable.dialer(trials), Observer.NONE), cluster, true);
  }

  private static Deployment deployment(
      Configuration configuration, String version, BooleanSupplier outOfDescriptors) {
    return new Deployment(
        version,
        Instant.now(),
        configuration.values().stream()
            .map(
                value -> new Deployment.EffectiveSetting(value.name(), value.text(), value.where()))
            .toList(),
        outOfDescriptors);
  }

  private <T extends AutoCloseable> T started(T part) {
    running.push(part);
    return part;
  }

  private void stop() {
    while (!running.isEmpty()) {
      AutoCloseable part = running.pop();
      try {
        part.close();
      } catch (Exception e) {
        // The other parts must still be closed, or the container keeps this class loader.
        Fault.log(LOG, "event=close_failed part=" + part.getClass().getSimpleName(), e);
      }
    }
  }

  private static void greet(String node, Configuration configuration, ServletContext context) {
    String path = context.getContextPath() + "/";
    String port = System.getProperty(PORT);
    String base = port == null ? path : "http://localhost:" + port + path;
    LOG.info(
        "event=started version={} node={} cable={} sessions={}(events-id) console={} status={}",
        version(context),
        node,
        Setting.withoutSecrets(configuration.cable().url().toString()),
        base,
        configuration.http().pages().console() ? base : "off",
        configuration.http().pages().operatorToken() == null ? "off" : base + "-/status");
  }

  /** The version that Maven wrote into the WAR. */
  private static String version(ServletContext context) {
    try (InputStream file = context.getResourceAsStream(VERSION)) {
      if (file == null) {
        return "development";
      }
      Properties properties = new Properties();
      properties.load(file);
      return properties.getProperty("version");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
