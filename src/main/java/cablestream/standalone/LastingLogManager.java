package cablestream.standalone;

import java.util.logging.LogManager;

/**
 * Keeps the log open while the process drains: the JDK's own manager closes it in its shutdown
 * hook, as soon as the shutdown begins. Public, as the JDK instantiates it by name.
 */
public final class LastingLogManager extends LogManager {
  @Override
  public void reset() {
    // Only at the very end: see close().
  }

  /** Writes the remaining records and closes the log. */
  void close() {
    super.reset();
  }
}
