package cablestream.bench.report;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A figure to be reached.
 *
 * @param scenario the key
 * @param name of the figure
 * @param directName of the figure of {@code direct} by which it is divided; null if it isn't
 * @param original the Go program's figure, as text
 * @param floor the figure of a bare epoll loop that copies the same, as text
 * @param limits by target; {@code ""} is for all others
 * @param atLeast whether higher is better
 */
public record Goal(
    String title,
    String scenario,
    String name,
    String directName,
    String original,
    String floor,
    Map<String, Double> limits,
    boolean atLeast) {

  private static final String ANY = "";

  /** All goals, with the figures measured when they were set. */
  public static List<Goal> all() {
    String cpu = "bridge CPU µs/event";
    return List.of(
        ratio("CPU/event at 10,000/s, to the server's own in direct", "paced", cpu, "7.9", "1.9")
            .dividedBy("server CPU µs/event")
            .atMost(3.2),
        ratio("latency p50 at 10,000/s, to direct", "paced", "p50 ms", "5.8", "2.5").atMost(3),
        ratio("latency p99 at 10,000/s, to direct", "paced", "p99 ms", "6.5", "2.2").atMost(3),
        ratio("throughput, 1 frame a write, to direct", "flood1", "throughput /s", "0.31", "1.0")
            .atLeast(0.7),
        ratio(
                "throughput, 10 frames a write, to direct",
                "flood10",
                "throughput /s",
                "0.026",
                "0.9")
            .atLeast(0.2),
        ratio("sessions set up/s, warm, to direct", "setup", "warm sessions/s", "0.22", "0.45")
            .atLeast(0.3),
        ratio("echo round trip p50, to direct", "echo", "p50 ms", "5.0", "3.6").atMost(4.5),
        plain("memory a session, KiB", "memory", "KiB/session", "69", "1")
            .limits(Map.of(ANY, 28.0, "tomcat", 50.0, "tomcat-stock", 120.0)),
        plain(
                "cables left 2 s after a farewell",
                "setup",
                "cables 2 s after a farewell",
                "all",
                "0")
            .atMost(0),
        plain("cables left after vanishing", "vanish", "cables left in the end", "all", "0")
            .atMost(0),
        plain(
                "the others' p99 at 45,000/s, 10 of 100 stalled, ms",
                "stalled45000",
                "p99 ms",
                "13000",
                "2")
            .atMost(200),
        plain("RSS growth in that run, MiB", "stalled45000", "RSS growth MiB", "123", "2")
            .atMost(64),
        plain("long poll, CPU µs/event at 10,000/s", "poll", cpu, "101", "").atMost(50.5),
        plain("long poll, lost", "poll", "lost", "", "").atMost(0));
  }

  private static Goal ratio(
      String title, String scenario, String name, String original, String floor) {
    return new Goal(title, scenario, name, name, original, floor, Map.of(), false);
  }

  private static Goal plain(
      String title, String scenario, String name, String original, String floor) {
    return new Goal(title, scenario, name, null, original, floor, Map.of(), false);
  }

  private Goal dividedBy(String newDirectName) {
    return new Goal(title, scenario, name, newDirectName, original, floor, limits, atLeast);
  }

  private Goal limits(Map<String, Double> newLimits) {
    return new Goal(title, scenario, name, directName, original, floor, newLimits, atLeast);
  }

  private Goal atMost(double limit) {
    return limits(Map.of(ANY, limit));
  }

  private Goal atLeast(double limit) {
    return new Goal(title, scenario, name, directName, original, floor, Map.of(ANY, limit), true);
  }

  /** The limit for a target. */
  public double limit(String target) {
    return limits.getOrDefault(target, limits.get(ANY));
  }

  /** The figure that was reached; empty if it wasn't measured. */
  public OptionalDouble reached(Figures figures, String target) {
    return directName == null
        ? figures.figure(scenario, target, name)
        : figures.ratio(scenario, target, name, directName);
  }

  /** Whether a figure meets the goal. */
  public boolean isMet(String target, double reached) {
    return atLeast ? reached >= limit(target) : reached <= limit(target);
  }
}
