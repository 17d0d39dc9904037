package cablestream.standalone;

import java.util.logging.LogManager;

/**
 * Keeps the log open while the process drains: the JDK's own manager closes it, in a hook of its
 * own, as soon as the virtual machine begins to shut down. Public, as the JDK makes it by name.
 */
public final class LastingLogManager extends LogManager {
  @Override
  public void reset() {
    // Only at the very end: see close().
  }

  /** Writes out what is left and closes the log. */
  void close() {
    super.reset();
  }
}
