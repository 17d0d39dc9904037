package cablestream.hardening;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.util.EnumMap;
import java.util.Map;

/**
 * A bridge, its Action Cable server, and a bystander. Started once for all classes, and stopped
 * with the process.
 */
final class Victim {
  private static final Map<Container, Victim> USUAL = new EnumMap<>(Container.class);
  private static final Map<Container, Victim> STRICT = new EnumMap<>(Container.class);

  /** The proxy that the usual bridge trusts. */
  static final String PROXY = "127.0.0.100";

  /** The only page that the strict bridge admits. */
  static final String PAGE = "https://app.example";

  static final int MAX_SESSIONS = 150;

  private final CableServer cable;
  private final Bridge bridge;
  private final boolean strict;
  private Bystander bystander;

  private Victim(CableServer cable, Bridge bridge, boolean strict) {
    this.cable = cable;
    this.bridge = bridge;
    this.strict = strict;
  }

  /** Has the default settings, except for those that keep the tests short. */
  static synchronized Victim usual(Container container) {
    return USUAL.computeIfAbsent(
        container,
        it -> {
          CableServer cable = new CableServer();
          return new Victim(
              cable,
              bridge(it, cable)
                  .setting("trusted-proxies", PROXY)
                  .setting("cable.welcome-timeout", "3s")
                  .start(),
              false);
        });
  }

  /** Has all settings with which an operator may restrict access. */
  static synchronized Victim strict(Container container) {
    return STRICT.computeIfAbsent(
        container,
        it -> {
          CableServer cable = new CableServer();
          return new Victim(
              cable,
              bridge(it, cable)
                  .setting("allowed-origins", PAGE)
                  .setting("cable.host", "app.example")
                  .setting("max-sessions", "" + MAX_SESSIONS)
                  .setting("max-sessions-per-address", "100")
                  .setting("stall-sole", "2s")
                  .start(),
              true);
        });
  }

  private static Bridge.Builder bridge(Container container, CableServer cable) {
    Bridge.Builder builder = Bridge.in(container).setting("cable.url", cable.url().toString());
    if (container.isTomcat()) {
      // As in the server.xml that Tomcat and Debian ship.
      builder.option("-Dconnector.connectionTimeout=20000");
    }
    return builder;
  }

  CableServer cable() {
    return cable;
  }

  Bridge bridge() {
    return bridge;
  }

  int port() {
    return bridge.port();
  }

  Site site() {
    return bridge.site();
  }

  /** A new visitor who may use the bridge, identified to the application by a cookie. */
  Visitor visitor() {
    Visitor visitor = bridge.visitor();
    return strict ? visitor.withOrigin(PAGE).with("X-Forwarded-Proto", "https") : visitor;
  }

  /** A new visitor whose cable the server attacks in this way. */
  Visitor attackedBy(String attack) {
    return visitor().withQuery("attack=" + attack);
  }

  /** Another visitor, whose session exists during each attack. */
  synchronized Bystander bystander() {
    if (bystander == null) {
      bystander = new Bystander(this);
    }
    return bystander;
  }
}
