package cablestream.bench.report;

import cablestream.bench.lab.Measurement.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** The plots of a report, from its figures. */
final class Plots {
  /** Percentiles as nines: 90, 99, 99.9, 99.99. */
  private static final double MOST_NINES = 4;

  private static final int STEPS_PER_NINE = 20;

  private final Figures figures;

  Plots(Figures figures) {
    this.figures = figures;
  }

  /** The class that colours a target's lines. */
  String style(String target) {
    return "t" + figures.targets().indexOf(target);
  }

  /** A series over another: medians where several runs measured the same place. */
  Plot series(String scenario, String name, String xTitle, String yTitle) {
    return plot(xTitle, yTitle, target -> medians(figures.series(scenario, target, name)));
  }

  /** The first run's samples as they are. */
  Plot samples(String scenario, String name, String xTitle, String yTitle) {
    return plot(
        xTitle,
        yTitle,
        target ->
            figures
                .find(scenario, target, 1)
                .map(first -> first.series().getOrDefault(name, List.of()))
                .orElse(List.of()));
  }

  private Plot plot(String xTitle, String yTitle, Function<String, List<Point>> points) {
    List<Point> all = new ArrayList<>();
    figures.targets().forEach(target -> all.addAll(points.apply(target)));
    double right = all.stream().mapToDouble(Point::x).max().orElse(1);
    double top = all.stream().mapToDouble(Point::y).max().orElse(1);
    Plot plot = new Plot(Axis.linear(xTitle, right), Axis.linear(yTitle, top));
    for (String target : figures.targets()) {
      plot.with(new Plot.Line(target, style(target), points.apply(target)));
    }
    return plot;
  }

  private static List<Point> medians(List<Point> points) {
    TreeMap<Double, List<Double>> byX = new TreeMap<>();
    points.forEach(point -> byX.computeIfAbsent(point.x(), x -> new ArrayList<>()).add(point.y()));
    List<Point> medians = new ArrayList<>();
    byX.forEach(
        (x, ys) -> {
          double[] sorted = ys.stream().mapToDouble(Double::doubleValue).sorted().toArray();
          medians.add(new Point(x, Figures.median(sorted).orElseThrow()));
        });
    return medians;
  }

  /** Latencies over percentiles, both such that the tail gets as much room as the rest. */
  Plot latencies(String scenario) {
    List<Plot.Line> lines = new ArrayList<>();
    for (String target : figures.targets()) {
      figures
          .latencies(scenario, target)
          .ifPresent(found -> lines.add(new Plot.Line(target, style(target), curve(found))));
    }
    List<Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
    Axis y =
        Axis.logarithmic(
            "latency, ms",
            all.stream().mapToDouble(Point::y).min().orElse(1),
            all.stream().mapToDouble(Point::y).max().orElse(1));
    Axis x = new Axis("percentile", false, 0, MOST_NINES);
    Plot plot = new Plot(x, y, List.of(0.0, 0.301, 1.0, 2.0, 3.0, 4.0), Plots::percentile);
    lines.forEach(plot::with);
    return plot;
  }

  private static List<Point> curve(Histogram latencies) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= MOST_NINES * STEPS_PER_NINE; i++) {
      double nines = (double) i / STEPS_PER_NINE;
      double percentile = 100 * (1 - Math.pow(10, -nines));
      points.add(new Point(nines, latencies.getValueAtPercentile(percentile) / 1e6));
    }
    return points;
  }

  private static String percentile(double nines) {
    double percent = 100 * (1 - Math.pow(10, -nines));
    return Numbers.mark(Math.round(percent * 100) / 100.0);
  }
}
