package cablestream.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The resources that a process has used so far, as Linux accounts for them (proc(5)).
 *
 * @param cpuSeconds of all its threads, in user and in system mode; in steps of 10 ms
 * @param rssBytes memory that is resident now
 */
public record Usage(double cpuSeconds, long rssBytes) {
  /** USER_HZ, which is 100 on every architecture that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  /** Nothing is known of the process. */
  public static final Usage UNKNOWN = new Usage(Double.NaN, -1);

  /**
   * @param pid 0 for {@link #UNKNOWN}
   */
  public static Usage of(long pid) {
    if (pid == 0) {
      return UNKNOWN;
    }
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      return new Usage(
          cpuSeconds(Files.readString(process.resolve("stat"))),
          rssBytes(Files.readString(process.resolve("status"))));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
  }

  /** The sum of both. */
  Usage plus(Usage other) {
    return new Usage(cpuSeconds + other.cpuSeconds, rssBytes + other.rssBytes);
  }

  /**
   * utime and stime are the fields 14 and 15; the second field, in parentheses, may contain
   * anything.
   */
  static double cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  static long rssBytes(String status) {
    String line = status.lines().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
  }
}
