package cablestream.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cablestream.bench.lab.Measurement;
import cablestream.bench.lab.Scenario;
import cablestream.bench.lab.Scenarios;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class FiguresTest {
  private static final Scenario PACED =
      Scenarios.all().stream().filter(s -> s.key().equals("paced")).findFirst().orElseThrow();

  private static Result result(int run, String target, double milliseconds) {
    return new Result(run, PACED, target, new Measurement().value("p50 ms", milliseconds));
  }

  @Test
  void theMedianIsTheOneInTheMiddle() {
    Figures figures =
        new Figures(List.of(result(1, "jetty", 9), result(2, "jetty", 1), result(3, "jetty", 2)));
    assertThat(figures.figure("paced", "jetty", "p50 ms")).hasValue(2);
    assertThat(figures.text("paced", "jetty", "p50 ms")).isEqualTo("2 (1–9)");
  }

  @Test
  void oneRunHasNoSpread() {
    assertThat(new Figures(List.of(result(1, "jetty", 9))).text("paced", "jetty", "p50 ms"))
        .isEqualTo("9");
  }

  @Test
  void aRatioIsTakenWithinARunAndThenTheMedian() {
    // The machine was twice as slow in the second run; the ratio is 3 nevertheless.
    Figures figures =
        new Figures(
            List.of(
                result(1, "direct", 1),
                result(1, "jetty", 3),
                result(2, "direct", 2),
                result(2, "jetty", 6),
                result(3, "direct", 1),
                result(3, "jetty", 8)));
    assertThat(figures.ratio("paced", "jetty", "p50 ms", "p50 ms")).hasValue(3);
  }

  @Test
  void oneFaultInOneRunOfThreeIsShown() {
    Figures figures = new Figures(List.of(lost(1, 0), lost(2, 1), lost(3, 0)));
    assertThat(figures.figure("paced", "jetty", "lost")).hasValue(1);
    assertThat(figures.shown(PACED)).contains("lost").doesNotContain("swapped");
    assertThat(figures.faults(PACED, "jetty")).hasValue(1);
  }

  private static Result lost(int run, double count) {
    return new Result(
        run, PACED, "jetty", new Measurement().value("lost", count).value("swapped", 0));
  }

  @Test
  void whatWasNotMeasuredIsEmptyAndNotZero() {
    Figures figures = new Figures(List.of(result(1, "direct", Double.NaN), result(1, "jetty", 3)));
    assertThat(figures.figure("paced", "direct", "p50 ms")).isEmpty();
    assertThat(figures.figure("paced", "tomcat", "p50 ms")).isEmpty();
    assertThat(figures.figure("paced", "jetty", "p99 ms")).isEmpty();
  }

  @Test
  void aGoalKnowsWhichWayIsBetter() {
    Goal latency = goal("latency p50");
    assertThat(latency.isMet("jetty", 2.9)).isTrue();
    assertThat(latency.isMet("jetty", 3.1)).isFalse();
    Goal throughput = goal("throughput, 1 frame");
    assertThat(throughput.isMet("jetty", 0.9)).isTrue();
    assertThat(throughput.isMet("jetty", 0.6)).isFalse();
    assertThat(goal("memory").limit("tomcat-stock")).isCloseTo(120, within(0.0));
  }

  @Test
  void everyGoalAsksForAFigureOfAScenarioThatExists() {
    List<String> keys = Scenarios.all().stream().map(Scenario::key).toList();
    assertThat(Goal.all()).allSatisfy(goal -> assertThat(keys).contains(goal.scenario()));
    assertThat(Figures.median(new double[0])).isEqualTo(OptionalDouble.empty());
  }

  private static Goal goal(String start) {
    return Goal.all().stream().filter(g -> g.title().startsWith(start)).findFirst().orElseThrow();
  }
}
