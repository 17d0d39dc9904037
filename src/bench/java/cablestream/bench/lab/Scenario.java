package cablestream.bench.lab;

import java.util.List;

/** Something that is measured, of each target. */
public interface Scenario {
  /** How it is called on the command line and in the results. */
  String key();

  /** What is done, in a few words. */
  String title();

  /** Whether the target is to be started anew before. */
  default boolean needsFreshProcess() {
    return false;
  }

  /** More flags of a fresh process, after the documented ones. */
  default List<String> settings() {
    return List.of();
  }

  /** Whether there is anything to measure with that target. */
  default boolean appliesTo(Target target) {
    return true;
  }

  Measurement measure(Lab lab, Target target);

  /**
   * All of them, in the order in which they are carried out. From the first flood to the long polls
   * a bridge's process is the same. That flood warms up for longest, since half of the processor
   * time of its first seconds is the compiler's; what comes after finds an event's way compiled.
   */
  static List<Scenario> all() {
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
        new Replacement(5_000, false));
  }
}
