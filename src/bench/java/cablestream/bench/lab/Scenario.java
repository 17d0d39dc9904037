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
}
