package cablestream;

import cablestream.cluster.Cluster;
import cablestream.cluster.ClusterSettings;
import cablestream.config.InvalidConfigurationException;
import cablestream.environment.Environment;
import cablestream.http.relay.ServedSessions;
import cablestream.session.PresenceListener;
import jakarta.servlet.ServletContext;
import java.net.URI;

/** Makes the bridge one node of several, where a store is set. */
final class NodeSetup {
  private NodeSetup() {}

  /**
   * This node among the others; it says nothing to them yet.
   *
   * @param settings null where there is one bridge
   * @return null where there is one bridge: then nothing of it is loaded
   * @throws InvalidConfigurationException where it can't be found out how the others reach this one
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

  /** A web application can't ask its container for the port; {@code java -jar} tells it. */
  private static URI ownAddress(ServletContext context) {
    String port = System.getProperty(Bootstrap.PORT);
    if (port == null) {
      throw new InvalidConfigurationException(
          "cablestream.cluster.address must be set with cablestream.cluster.store: in a servlet"
              + " container the bridge doesn't know its own port");
    }
    return URI.create("http://" + ClusterSettings.OWN_HOST + ":" + port + context.getContextPath());
  }

  /** Tells the others which sessions are here. */
  static PresenceListener presence(Cluster cluster, boolean areTrials) {
    return new PresenceListener() {
      @Override
      public void opened(String eventsId) {
        cluster.opened(ServedSessions.name(eventsId, areTrials));
      }

      @Override
      public void left(String eventsId, boolean forGood) {
        cluster.left(ServedSessions.name(eventsId, areTrials), forGood);
      }
    };
  }
}
