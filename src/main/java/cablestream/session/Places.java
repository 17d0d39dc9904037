package cablestream.session;

import cablestream.browser.Refusal;
import cablestream.environment.Limits;
import java.util.concurrent.atomic.AtomicInteger;

/** How many sessions there may be, over all and of one client address. Any thread. */
final class Places {
  private final int most;
  private final AddressCounts addresses;
  private final AtomicInteger taken = new AtomicInteger();

  Places(Limits limits) {
    most = limits.maxSessions();
    addresses = new AddressCounts(limits.maxSessionsPerAddress());
  }

  /**
   * Takes one, or says why not: looks and counts in one, as many may come at once.
   *
   * @return null if it was taken
   */
  Refusal take(String address) {
    if (taken.getAndUpdate(now -> now < most ? now + 1 : now) >= most) {
      return new Refusal(503, "too many sessions", 5);
    }
    if (!addresses.take(address)) {
      taken.decrementAndGet();
      return new Refusal(503, "too many sessions from this address", 5);
    }
    return null;
  }

  void giveBack(String address) {
    taken.decrementAndGet();
    addresses.giveBack(address);
  }

  int taken() {
    return taken.get();
  }
}
