package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import java.util.EnumMap;
import java.util.Map;

/** The common parts with default settings: started once, and stopped with the tests. */
final class Stage {
  /** The limit of {@link #site()}. */
  static final int SESSIONS_PER_ADDRESS = 32;

  /** For the second run of the contract's tests: src/e2e/pom.xml. */
  private static final boolean ROUND_ROBIN = Boolean.getBoolean("round-robin");

  private static final Map<Container, Bridge> BRIDGES = new EnumMap<>(Container.class);
  private static RailsServer rails;
  private static final Map<ProxyProgram, Proxy> PROXIES = new EnumMap<>(ProxyProgram.class);
  private static DebianTomcat debianTomcat;
  private static DebianTomcat site;

  private Stage() {}

  static synchronized RailsServer rails() {
    if (rails == null) {
      rails = RailsServer.start();
    }
    return rails;
  }

  /**
   * A bridge to {@link #rails()} with the default settings, or three of them, each of whose
   * requests goes to the next.
   */
  static synchronized Bridge bridge(Container container) {
    return BRIDGES.computeIfAbsent(
        container,
        it -> ROUND_ROBIN ? RoundRobin.plain(it).front() : bridgeWithSettings(it).start());
  }

  /** The same with the settings of tomcat-context.xml. */
  static synchronized DebianTomcat debianTomcat() {
    if (debianTomcat == null) {
      debianTomcat = DebianTomcat.start(rails().cableUrl(), "cablestream", Map.of());
    }
    return debianTomcat;
  }

  /**
   * Debian's Tomcat behind a proxy. It stays for clients that are told to reconnect; some limits
   * are small, so that a test needn't open hundreds of sessions or wait for them.
   */
  static synchronized DebianTomcat site() {
    if (site == null) {
      Map<String, String> settings =
          Map.of(
              "max-sessions-per-address", Integer.toString(SESSIONS_PER_ADDRESS),
              "linger", "5s",
              "drain.retry-min", "3s",
              "drain.retry-max", "5s");
      site = DebianTomcat.start(rails().cableUrl(), "cable-events", settings);
    }
    return site;
  }

  /** A proxy in front of {@link #site()} and {@link #rails()}. */
  static synchronized Proxy proxy(ProxyProgram program) {
    return PROXIES.computeIfAbsent(program, it -> Proxy.start(it, site().port(), rails()));
  }

  /** A builder for a bridge to {@link #rails()} with further settings. */
  static Bridge.Builder bridgeWithSettings(Container container) {
    return Bridge.in(container).setting("cable.url", rails().cableUrl());
  }
}
