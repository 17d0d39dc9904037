package cablestream.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a plot: from values to places, and where to put marks.
 *
 * @param title with the unit
 * @param logarithmic whether equal ratios take equal room
 * @param low where the axis begins
 * @param high where it ends
 */
record Axis(String title, boolean logarithmic, double low, double high) {
  private static final int MARKS = 5;

  /** From zero to a round value that is not below the greatest. */
  static Axis linear(String title, double greatest) {
    double step = roundStep(Math.max(greatest, 1e-9));
    return new Axis(title, false, 0, step * Math.ceil(greatest / step));
  }

  /** Whole decades around the values. */
  static Axis logarithmic(String title, double least, double greatest) {
    double low = Math.pow(10, Math.floor(Math.log10(Math.max(least, 1e-6))));
    double high = Math.pow(10, Math.ceil(Math.log10(Math.max(greatest, 1e-6))));
    return new Axis(title, true, low, high == low ? low * 10 : high);
  }

  private static double roundStep(double span) {
    double rough = span / MARKS;
    double decade = Math.pow(10, Math.floor(Math.log10(rough)));
    double leading = rough / decade;
    return decade * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
  }

  /** Where a value lies: 0 at the beginning, 1 at the end. */
  double place(double value) {
    return logarithmic
        ? Math.log10(Math.max(value, low) / low) / Math.log10(high / low)
        : (value - low) / (high - low);
  }

  /** The values that get a mark. */
  List<Double> marks() {
    List<Double> marks = new ArrayList<>();
    if (logarithmic) {
      for (double mark = low; mark <= high * 1.001; mark *= 10) {
        marks.add(mark);
      }
    } else {
      double step = roundStep(high);
      for (int i = 0; i * step <= high * 1.001; i++) {
        marks.add(i * step);
      }
    }
    return marks;
  }
}
