package cablestream.bench.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** The measurement of one scenario with one target. Not thread-safe. */
public final class Measurement {
  /** A point of a series. */
  public record Point(double x, double y) {}

  private final Map<String, Double> values = new LinkedHashMap<>();
  private final Map<String, List<Point>> series = new LinkedHashMap<>();
  private Histogram latencies;

  /** Adds a figure; its name ends with its unit, if it has one. Returns this. */
  public Measurement value(String name, double value) {
    values.put(name, value);
    return this;
  }

  /** Adds a figure unless there is a greater one already. Returns this. */
  Measurement atLeast(String name, double value) {
    values.merge(name, value, Math::max);
    return this;
  }

  /** Adds a point to a series. */
  public void point(String name, double x, double y) {
    series.computeIfAbsent(name, unused -> new ArrayList<>()).add(new Point(x, y));
  }

  /** Adds latencies, in nanoseconds. Returns this. */
  public Measurement latencies(Histogram histogram) {
    latencies = histogram;
    return this;
  }

  public Map<String, Double> values() {
    return values;
  }

  public Map<String, List<Point>> series() {
    return series;
  }

  /** Null if none were measured. */
  public Histogram latencies() {
    return latencies;
  }
}
