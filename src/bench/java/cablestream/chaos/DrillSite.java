package cablestream.chaos;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The installation in which a drill takes place.
 *
 * @param nodes the number of bridges
 * @param store whether they share sessions by a store
 * @param sample of src/deploy/haproxy for an HAProxy in front; empty for none
 * @param behind the percentage of clients behind a network of their own, which can fail
 * @param settings other than the defaults
 * @param flags of the virtual machine, after those of src/deploy
 */
record DrillSite(
    int nodes,
    boolean store,
    String sample,
    int behind,
    Map<String, String> settings,
    List<String> flags) {
  static final DrillSite ALONE = new DrillSite(1, false, "", 0, Map.of(), List.of());
  static final DrillSite PROXIED = proxied(1, false, "cablestream.cfg");
  static final DrillSite THREE = new DrillSite(3, true, "", 0, Map.of(), List.of());
  static final DrillSite ANY_NODE = proxied(3, true, "any-node.cfg").with("drain.notice", "2s");
  static final DrillSite BY_PATH = proxied(3, false, "cluster.cfg").with("drain.notice", "2s");

  private static DrillSite proxied(int nodes, boolean store, String sample) {
    return new DrillSite(nodes, store, sample, 0, Map.of(), List.of());
  }

  boolean isProxied() {
    return !sample.isEmpty();
  }

  DrillSite behind(int clientsOfHundred) {
    return new DrillSite(nodes, store, sample, clientsOfHundred, settings, flags);
  }

  DrillSite with(String setting, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(setting, value);
    return new DrillSite(nodes, store, sample, behind, more, flags);
  }

  DrillSite withFlags(String... more) {
    return new DrillSite(nodes, store, sample, behind, settings, List.of(more));
  }
}
