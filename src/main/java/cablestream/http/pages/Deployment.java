package cablestream.http.pages;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What is deployed, for its operator.
 *
 * @param settings all settings in force
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
   * @param source the source of the value
   */
  public record EffectiveSetting(String name, String value, String source) {}
}
