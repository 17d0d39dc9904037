package cablestream.http.pages;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What runs, for whoever operates it.
 *
 * @param settings all of them, as they are in force
 * @param outOfDescriptors whether connections wait that can't be accepted
 */
public record Deployment(
    String version,
    Instant started,
    List<EffectiveSetting> settings,
    BooleanSupplier outOfDescriptors) {
  /**
   * A setting.
   *
   * @param value without secrets
   * @param source where it came from
   */
  public record EffectiveSetting(String name, String value, String source) {}
}
