package cablestream.bench.lab;

import java.util.List;

/** The list of all scenarios. */
public final class Scenarios {
  private Scenarios() {}

  /**
   * All scenarios in their order. From the first flood to the long polls a bridge's process is the
   * same. That flood has the longest warm-up, because half of the processor time of its first
   * seconds is the compiler's; later scenarios find an event's code compiled.
   */
  public static List<Scenario> all() {
    return List.of(
        new Vanishing(),
        new SetUp(),
        new Echo(true),
        Paced.first(),
        new IdleMemory(),
        new Flood(1, 15),
        new Flood(10, 5),
        new Paced(false),
        new Echo(),
        new Paced(true),
        new SessionGrowth(),
        new SizeGrowth(),
        new Stalled(7_500),
        new Stalled(45_000),
        new IdleStore(),
        new Replacement(2_000, false),
        new Replacement(2_000, true),
        new Replacement(5_000, false),
        new Outage(2_000));
  }
}
