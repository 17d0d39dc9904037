package cablestream.bench.lab;

import java.util.ArrayList;
import java.util.List;

/** Samples a process's resident memory five times per second until it is closed. */
final class RssWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 200;

  /**
   * One sample.
   *
   * @param seconds since the first sample
   */
  record Sample(double seconds, long bytes) {}

  private final long pid;
  private final long start = System.nanoTime();
  private final List<Sample> samples = new ArrayList<>();
  private final Thread thread = new Thread(this::watch, "rss-watch");

  /**
   * @param pid 0 for no samples
   */
  RssWatch(long pid) {
    this.pid = pid;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      while (pid != 0) {
        look();
        Thread.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException e) {
      look();
    }
  }

  private synchronized void look() {
    samples.add(new Sample((System.nanoTime() - start) / 1e9, Usage.of(pid).rssBytes()));
  }

  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** The largest growth since the first sample, in bytes. */
  synchronized long growth() {
    long first = samples.isEmpty() ? 0 : samples.get(0).bytes();
    return samples.stream().mapToLong(Sample::bytes).max().orElse(first) - first;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
