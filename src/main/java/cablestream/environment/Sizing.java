package cablestream.environment;

import cablestream.memory.Kind;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.StringJoiner;

/**
 * How many sessions there is room for, by each of what bounds them; each listens and has a
 * subscription.
 *
 * @param setting {@code max-sessions}
 * @param heap what fits into the account's places
 * @param descriptors two a session, beside what the process needs itself; a large number where
 *     nobody tells how many there are
 */
public record Sizing(long setting, long heap, long descriptors) {
  /** A session's connection and its cable. */
  private static final long FILES = 2;

  /** Jars, libraries, selectors, and connections that ask for pages. */
  private static final long FILES_BESIDE = 256;

  /** What a browser's headers and one subscription take, kept for the next dial. */
  private static final long HEADERS = 2 * 1024;

  /** Of this process, as it has been started. */
  public static Sizing of(Environment environment) {
    long each =
        SessionWeights.SESSION + SessionWeights.ATTACHED + environment.responseBytes() + HEADERS;
    return of(
        environment.account().limit(Kind.SESSION) / each,
        environment.limits().sessions().most(),
        mostFiles());
  }

  static Sizing of(long heap, int maxSessions, long files) {
    return new Sizing(maxSessions, heap, fitting(files));
  }

  /** How many this process has file descriptors for. */
  public static int fitting() {
    return (int) fitting(mostFiles());
  }

  private static long fitting(long files) {
    return Math.min(Integer.MAX_VALUE, Math.max(0, files - FILES_BESIDE) / FILES);
  }

  /** How many there may be: the least of them. */
  public long sessions() {
    return Math.min(setting, Math.min(heap, descriptors));
  }

  /** What to raise until max-sessions have room, and to what; empty where they have. */
  public String advice(long heapBytes) {
    StringJoiner advice = new StringJoiner(", ");
    if (heap < setting) {
      advice.add(
          "-Xmx to about %dm".formatted((heapBytes >> 20) * setting / Math.max(1, heap) + 1));
    }
    if (descriptors < setting) {
      advice.add("ulimit -n (LimitNOFILE) to " + (setting * FILES + FILES_BESIDE));
    }
    return advice.toString();
  }

  private static long mostFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Integer.MAX_VALUE;
  }
}
