package cablestream.bench.report;

import cablestream.bench.lab.FaultCounts;
import cablestream.bench.lab.Measurement;
import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Target;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The medians over all runs; for faults, the worst run. A ratio is computed within each run, and
 * its median reported.
 */
public final class Figures {
  private final List<Result> results;

  public Figures(List<Result> results) {
    this.results = List.copyOf(results);
  }

  public List<Result> results() {
    return results;
  }

  /** All targets in the order in which they were measured first. */
  public List<String> targets() {
    return results.stream().map(Result::target).distinct().toList();
  }

  /** All scenarios in the order in which they were measured first. */
  public List<Scenario> scenarios() {
    return results.stream().map(Result::scenario).distinct().toList();
  }

  /** The figures that a scenario shows; of faults, only those that happened. */
  public List<String> shown(Scenario scenario) {
    return names(scenario).stream()
        .filter(name -> !FaultCounts.NAMES.contains(name) || happened(scenario, name))
        .toList();
  }

  private boolean happened(Scenario scenario, String fault) {
    return targets().stream()
        .anyMatch(target -> figure(scenario.key(), target, fault).orElse(0) != 0);
  }

  /** All faults of a scenario together; empty if they weren't counted. */
  public OptionalDouble faults(Scenario scenario, String target) {
    return names(scenario).stream()
        .filter(FaultCounts.NAMES::contains)
        .map(fault -> figure(scenario.key(), target, fault))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .reduce(Double::sum);
  }

  private List<String> names(Scenario scenario) {
    return results.stream()
        .filter(result -> result.scenario() == scenario)
        .flatMap(result -> result.measurement().values().keySet().stream())
        .distinct()
        .toList();
  }

  /** The median, for a fault the worst; empty if nothing was measured. */
  public OptionalDouble figure(String scenario, String target, String name) {
    double[] sorted = sorted(scenario, target, result -> result.measurement().values().get(name));
    return FaultCounts.NAMES.contains(name) ? worst(sorted) : median(sorted);
  }

  /** The median as text, with the range over the runs if there are several. */
  public String text(String scenario, String target, String name) {
    String middle = FigureText.text(figure(scenario, target, name));
    double[] sorted = sorted(scenario, target, result -> result.measurement().values().get(name));
    boolean differ = sorted.length > 1 && sorted[0] != sorted[sorted.length - 1];
    return differ
        ? "%s (%s–%s)"
            .formatted(
                middle, FigureText.text(sorted[0]), FigureText.text(sorted[sorted.length - 1]))
        : middle;
  }

  private static OptionalDouble worst(double[] sorted) {
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted[sorted.length - 1]);
  }

  /** The median of the ratios to {@code direct} in the same run. */
  public OptionalDouble ratio(String scenario, String target, String name, String directName) {
    return median(
        sorted(
            scenario,
            target,
            result -> {
              Double value = result.measurement().values().get(name);
              return find(scenario, Target.DIRECT, result.run())
                  .map(direct -> direct.values().get(directName))
                  .map(direct -> value == null ? null : value / direct)
                  .orElse(null);
            }));
  }

  private double[] sorted(String scenario, String target, Function<Result, Double> value) {
    return results.stream()
        .filter(result -> result.scenario().key().equals(scenario))
        .filter(result -> result.target().equals(target))
        .map(value)
        .filter(Objects::nonNull)
        .filter(number -> !number.isNaN())
        .mapToDouble(Double::doubleValue)
        .sorted()
        .toArray();
  }

  /** For an even number of values, the mean of the two in the middle. */
  static OptionalDouble median(double[] sorted) {
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }

  /** The measurement of a run. */
  public Optional<Measurement> find(String scenario, String target, int run) {
    return results.stream()
        .filter(result -> result.run() == run)
        .filter(result -> result.scenario().key().equals(scenario))
        .filter(result -> result.target().equals(target))
        .map(Result::measurement)
        .findFirst();
  }
}
