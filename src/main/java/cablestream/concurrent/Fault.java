package cablestream.concurrent;

import org.slf4j.Logger;

/** Tells of faults on threads that everybody needs, and that a fault must not end. */
public final class Fault {
  private Fault() {}

  /** Logs it; where even that fails, as it does when there is no memory, nothing is said. */
  public static void tell(Logger log, String event, Throwable fault) {
    try {
      log.error(event, fault);
    } catch (Throwable second) {
      // The thread goes on all the same.
    }
  }
}
