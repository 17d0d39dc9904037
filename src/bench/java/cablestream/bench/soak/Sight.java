package cablestream.bench.soak;

import cablestream.bench.lab.JarBridge;
import cablestream.bench.lab.LiveHeap;
import cablestream.bench.lab.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The state of an idle bridge.
 *
 * @param sessions as reported by the bridge
 * @param descriptors open ones of the process
 * @param threads of the process
 * @param heapBytes after a full collection
 * @param rssBytes memory that is resident
 */
record Sight(long sessions, long descriptors, long threads, long heapBytes, long rssBytes) {
  /** Pools end idle threads and connections after a while. */
  private static final int MORE_DESCRIPTORS = 40;

  private static final int MORE_THREADS = 16;

  /** Classes and profiles of code that runs for the first time, and buffers that are kept. */
  private static final long MORE_HEAP = 12L << 20;

  private static final long MORE_RSS = 96L << 20;

  static Sight of(JarBridge bridge) {
    long pid = bridge.pid();
    Path process = Path.of("/proc", Long.toString(pid));
    long heap = LiveHeap.of(pid).orElse(-1);
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return new Sight(
          (long) Failures.value(bridge.metrics(), "cablestream_sessions"),
          descriptors.count(),
          threads(Files.readString(process.resolve("status"))),
          heap,
          Usage.of(pid).rssBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
  }

  static long threads(String status) {
    String line = status.lines().filter(l -> l.startsWith("Threads:")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }

  /** Whether it is as before, except for the cost of a first time. */
  boolean isAs(Sight before) {
    return sessions == 0
        && descriptors <= before.descriptors + MORE_DESCRIPTORS
        && threads <= before.threads + MORE_THREADS
        && heapBytes <= before.heapBytes + MORE_HEAP
        && rssBytes <= before.rssBytes + MORE_RSS;
  }

  /** Cells of a table. */
  @Override
  public String toString() {
    return "%d | %d | %d | %.1f | %d"
        .formatted(sessions, descriptors, threads, heapBytes / 1048576.0, rssBytes >> 20);
  }
}
