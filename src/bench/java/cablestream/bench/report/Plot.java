package cablestream.bench.report;

import cablestream.bench.lab.Measurement.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Lines over two axes, as SVG that gets its colours from the page's style sheet. */
final class Plot {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 300;
  private static final int LEFT = 64;
  private static final int RIGHT = 28;
  private static final int TOP = 12;
  private static final int BOTTOM = 48;
  private static final double MOST_MARKERS = 12;

  /**
   * One line.
   *
   * @param style the class that colours it
   */
  record Line(String name, String style, List<Point> points) {}

  private final Axis x;
  private final Axis y;
  private final List<Line> lines = new ArrayList<>();
  private final DoubleFunction<String> labelX;
  private final List<Double> marksX;

  Plot(Axis x, Axis y) {
    this(x, y, x.marks(), Numbers::mark);
  }

  /** With its own marks on the lower axis. */
  Plot(Axis x, Axis y, List<Double> marksX, DoubleFunction<String> labelX) {
    this.x = x;
    this.y = y;
    this.marksX = marksX;
    this.labelX = labelX;
  }

  /** Adds a line; one without points isn't drawn. Returns this. */
  Plot with(Line line) {
    lines.add(line);
    return this;
  }

  boolean isEmpty() {
    return lines.stream().allMatch(line -> line.points().isEmpty());
  }

  /** The {@code svg} element. */
  @Override
  public String toString() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox='0 0 %d %d' role='img' aria-label='%s over %s'>"
            .formatted(WIDTH, HEIGHT, HtmlReport.escape(y.title()), HtmlReport.escape(x.title())));
    drawGrid(svg);
    lines.forEach(line -> draw(svg, line));
    return svg.append("</svg>\n").toString();
  }

  private void drawGrid(StringBuilder svg) {
    int bottom = HEIGHT - BOTTOM;
    for (double mark : y.marks()) {
      double at = placeY(mark);
      svg.append(
          format(
              "<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>",
              LEFT, WIDTH - RIGHT, at, at));
      svg.append(text(LEFT - 6, at + 4, "end", Numbers.mark(mark)));
    }
    for (double mark : marksX) {
      double at = placeX(mark);
      svg.append(
          format(
              "<line class='tick' x1='%.1f' x2='%.1f' y1='%d' y2='%d'/>",
              at, at, bottom, bottom + 4));
      svg.append(text(at, bottom + 18, "middle", labelX.apply(mark)));
    }
    svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", x.title()));
    svg.append(
        format(
            "<text transform='translate(14 %.1f) rotate(-90)' text-anchor='middle'>%s</text>",
            (TOP + bottom) / 2.0, HtmlReport.escape(y.title())));
  }

  private static String text(double atX, double atY, String anchor, String text) {
    return format(
        "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>",
        atX, atY, anchor, HtmlReport.escape(text));
  }

  private void draw(StringBuilder svg, Line line) {
    if (line.points().isEmpty()) {
      return;
    }
    svg.append("<polyline class='line ").append(line.style()).append("' points='");
    line.points()
        .forEach(point -> svg.append(format("%.1f,%.1f ", placeX(point.x()), placeY(point.y()))));
    svg.append("'/>");
    if (line.points().size() <= MOST_MARKERS) {
      line.points().forEach(point -> svg.append(marker(line, point)));
    }
  }

  private String marker(Line line, Point point) {
    return format(
        "<circle class='%s' cx='%.1f' cy='%.1f' r='4'><title>%s: %s at %s</title></circle>",
        line.style(),
        placeX(point.x()),
        placeY(point.y()),
        line.name(),
        Numbers.text(point.y()),
        Numbers.text(point.x()));
  }

  private double placeX(double value) {
    return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
  }

  private double placeY(double value) {
    return TOP + (1 - y.place(value)) * (HEIGHT - TOP - BOTTOM);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
