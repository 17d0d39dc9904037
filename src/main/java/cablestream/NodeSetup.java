package cablestream;

import cablestream.cluster.Cluster;
import cablestream.cluster.ClusterSettings;
import cablestream.config.InvalidConfigurationException;
import cablestream.environment.Environment;
import cablestream.http.relay.ServedSessions;
import cablestream.session.PresenceListener;
import jakarta.servlet.ServletContext;
import java.net.InetAddress;
import java.net.URI;

/** Makes the bridge one node of a cluster, if a store is set. */
final class NodeSetup {
  private NodeSetup() {}

  /**
   * This node, which isn't announced to the others yet.
   *
   * @param settings null for a single bridge
   * @return null for a single bridge: no class of the cluster is loaded then
   * @throws InvalidConfigurationException if this node's address for the others is unknown
   */
  static Cluster cluster(
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
    String port = System.getProperty(Bootstrap.PORT);
    if (port == null) {
      throw new InvalidConfigurationException(
          "cablestream.cluster.address must be set with cablestream.cluster.store: in a servlet"
              + " container the bridge doesn't know its own port");
    }
    InetAddress listening =
        context.getAttribute(Bootstrap.HOST) instanceof InetAddress host ? host : null;
    return ClusterSettings.ownAddress(listening, port, context.getContextPath());
  }

  /** Announces this node's sessions to the others. */
  static PresenceListener presence(Cluster cluster, boolean areTrials) {
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
}
