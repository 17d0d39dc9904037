package cablestream.hardening;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * How much of this machine a siege had. Other processes make everything late, which isn't a fault
 * of the bridge, so times are stretched by the share of processor time that they took.
 */
final class Pace {
  private static final Path PROCESSORS = Path.of("/proc/stat");

  /** Of /proc/stat: user, nice, system, idle, iowait and so on, in hundredths of a second. */
  private static final int FIRST = 1;

  private static final int IDLE = 4;
  private static final int WAITING = 5;
  private static final long TICK_MILLIS = 10;
  private static final double MIN_SHARE = 0.1;

  private final ProcessHandle besieged;
  private long all;
  private long own;

  Pace(long pid) {
    besieged = ProcessHandle.of(pid).orElseThrow();
  }

  void beginAnew() {
    all = all();
    own = own();
  }

  /**
   * The time that this duration of an otherwise idle machine may have taken since the beginning.
   */
  Duration stretched(Duration time) {
    double busy = Math.max(1, all() - all);
    double share = Math.max(MIN_SHARE, Math.min(1, (own() - own) / busy));
    return Duration.ofMillis((long) (time.toMillis() / share));
  }

  /** Processor time of this process and the bridge, in milliseconds. */
  private long own() {
    return Stream.of(ProcessHandle.current(), besieged)
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .mapToLong(Duration::toMillis)
        .sum();
  }

  /** Processor time of all processes, in milliseconds. */
  private static long all() {
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      String[] ticks = lines.findFirst().orElseThrow().split(" +");
      long busy = 0;
      for (int i = FIRST; i < ticks.length; i++) {
        busy += i == IDLE || i == WAITING ? 0 : Long.parseLong(ticks[i]);
      }
      return busy * TICK_MILLIS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
