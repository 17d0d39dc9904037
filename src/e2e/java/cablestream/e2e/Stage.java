package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import java.util.EnumMap;
import java.util.Map;

/** The parts that need no setting of their own: started once, and stopped with the tests. */
final class Stage {
  /** What {@link #site()} allows. */
  static final int SESSIONS_PER_ADDRESS = 32;

  /** The contract's tests run a second time so: src/e2e/pom.xml. */
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
   * The bridge to {@link #rails()}, with the default settings; or three of them, each request at
   * the next.
   */
  static synchronized Bridge bridge(Container container) {
    return BRIDGES.computeIfAbsent(
        container,
        it -> ROUND_ROBIN ? RoundRobin.plain(it).front() : bridgeWithSettings(it).start());
  }

  /** Likewise, with the settings of tomcat-context.xml. */
  static synchronized DebianTomcat debianTomcat() {
    if (debianTomcat == null) {
      debianTomcat = DebianTomcat.start(rails().cableUrl(), "cablestream", Map.of());
    }
    return debianTomcat;
  }

  /**
   * Debian's Tomcat as it stands behind a proxy. Who is told to come back finds it there again; and
   * some settings are small, so that a test needn't open hundreds of sessions, or wait for them.
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

  /** A proxy before {@link #site()} and {@link #rails()}. */
  static synchronized Proxy proxy(ProxyProgram program) {
    return PROXIES.computeIfAbsent(program, it -> Proxy.start(it, site().port(), rails()));
  }

  /** A bridge to {@link #rails()} that is yet to get some settings and to be started. */
  static Bridge.Builder bridgeWithSettings(Container container) {
    return Bridge.in(container).setting("cable.url", rails().cableUrl());
  }
}
