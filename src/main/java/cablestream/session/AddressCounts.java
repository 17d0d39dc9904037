package cablestream.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many sessions each client address has, where that is limited. Any thread. */
final class AddressCounts {
  private final int most;
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  /**
   * @param most sessions of one address; 0: any number, and nothing is counted
   */
  AddressCounts(int most) {
    this.most = most;
  }

  /** Counts one more, unless it would be one too many. */
  boolean take(String address) {
    if (most == 0) {
      return true;
    }
    boolean[] taken = new boolean[1];
    counts.compute(
        address,
        (key, count) -> {
          int now = count == null ? 0 : count;
          taken[0] = now < most;
          return taken[0] ? Integer.valueOf(now + 1) : count;
        });
    return taken[0];
  }

  /** Counts one less. */
  void giveBack(String address) {
    if (most > 0) {
      counts.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
  }
}
