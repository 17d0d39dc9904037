package cablestream.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.OptionalDouble;

/** Figures as people read them: three digits that count, never an exponent. */
final class Numbers {
  private Numbers() {}

  /** A mark of an axis, which is a round number. */
  static String mark(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    return rounded.compareTo(BigDecimal.TEN) >= 0 && rounded.scale() <= 0
        ? text(value)
        : rounded.toPlainString();
  }

  static String text(OptionalDouble value) {
    return value.isPresent() ? text(value.getAsDouble()) : "–";
  }

  static String text(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e15 || size >= 100) {
      return String.format(Locale.ROOT, "%,d", Math.round(value));
    }
    int digits = size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
