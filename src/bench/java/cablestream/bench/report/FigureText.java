package cablestream.bench.report;

import java.util.Locale;
import java.util.OptionalDouble;

/** Figures for readers: three significant digits, never an exponent. */
final class FigureText {
  private FigureText() {}

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
