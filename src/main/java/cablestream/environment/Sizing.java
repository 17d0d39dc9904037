package cablestream.environment;

import cablestream.memory.Account;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.StringJoiner;

/**
 * The number of sessions for which each resource has room; each session has a listener and a
 * subscription.
 *
 * @param setting {@code max-sessions}
 * @param heap how many can be opened before the account has no room for another
 * @param descriptors for how many there are file descriptors, two each; a large number if unknown
 * @param heapForSetting the heap, in bytes, in which {@code max-sessions} can be opened
 */
public record Sizing(long setting, long heap, long descriptors, long heapForSetting) {
  /** A session's connection and its cable. */
  private static final long FILES = 2;

  /** Jars, libraries, selectors, and connections that request pages. */
  private static final long FILES_BESIDE = 256;

  /** A browser's headers and one subscription, stored for the next dial. */
  private static final long HEADERS = 2 * 1024;

  /** The room of this process. */
  public static Sizing of(Environment environment) {
    long each =
        SessionWeights.SESSION + SessionWeights.ATTACHED + environment.responseBytes() + HEADERS;
    int maxSessions = environment.limits().sessions().max();
    return of(
        environment.account().limitOfOpenings() / each,
        maxSessions,
        maxFiles(),
        Account.heapFor(each * maxSessions, environment.limits().logs().budget()));
  }

  static Sizing of(long heap, int maxSessions, long files, long heapForSetting) {
    return new Sizing(maxSessions, heap, fitting(files), heapForSetting);
  }

  /** For how many sessions this process has file descriptors. */
  public static int fitting() {
    return (int) fitting(maxFiles());
  }

  private static long fitting(long files) {
    return Math.min(Integer.MAX_VALUE, Math.max(0, files - FILES_BESIDE) / FILES);
  }

  /** For how many sessions there is room: the smallest number. */
  public long sessions() {
    return Math.min(setting, Math.min(heap, descriptors));
  }

  /**
   * Which resources to raise, and to what, until there is room for max-sessions; empty if there is.
   */
  public String advice() {
    StringJoiner advice = new StringJoiner(", ");
    if (heap < setting) {
      // A collector may leave a survivor space, up to a twenty-fifth, out of the heap that it
      // reports.
      advice.add("-Xmx to about %dm".formatted((heapForSetting + heapForSetting / 25 >> 20) + 1));
    }
    if (descriptors < setting) {
      advice.add("ulimit -n (LimitNOFILE) to " + (setting * FILES + FILES_BESIDE));
    }
    return advice.toString();
  }

  private static long maxFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Integer.MAX_VALUE;
  }
}
