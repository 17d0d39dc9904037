package cablestream.chaos;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a drill happens to.
 *
 * @param nodes bridges; where there are several, they have a store
 * @param proxied whether HAProxy is in front, with the sample for one bridge
 * @param behind how many of a hundred clients are behind a network of their own, which can fail
 * @param settings that aren't the defaults
 * @param flags of the virtual machine, after those of src/deploy
 */
record DrillSite(
    int nodes, boolean proxied, int behind, Map<String, String> settings, List<String> flags) {
  static final DrillSite ALONE = new DrillSite(1, false, 0, Map.of(), List.of());
  static final DrillSite PROXIED = new DrillSite(1, true, 0, Map.of(), List.of());
  static final DrillSite THREE = new DrillSite(3, false, 0, Map.of(), List.of());

  DrillSite behind(int clientsOfHundred) {
    return new DrillSite(nodes, proxied, clientsOfHundred, settings, flags);
  }

  DrillSite with(String setting, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(setting, value);
    return new DrillSite(nodes, proxied, behind, more, flags);
  }

  DrillSite withFlags(String... more) {
    return new DrillSite(nodes, proxied, behind, settings, List.of(more));
  }
}
