package cablestream.bench.lab;

import java.util.List;

/** A measurement that is made with each target. */
public interface Scenario {
  /** Its name on the command line and in the results. */
  String key();

  /** A short description. */
  String title();

  /** Whether the target is restarted before it. */
  default boolean needsFreshProcess() {
    return false;
  }

  /** Additional flags of a fresh process, after the documented ones. */
  default List<String> settings() {
    return List.of();
  }

  /** Whether it can be measured with that target. */
  default boolean appliesTo(Target target) {
    return true;
  }

  Measurement measure(Lab lab, Target target);
}
