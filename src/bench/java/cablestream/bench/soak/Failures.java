package cablestream.bench.soak;

import cablestream.bench.control.Line;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Failed requests and their causes, as clients saw them, and as the bridge counted them. */
final class Failures {
  private static final Pattern REFUSED =
      Pattern.compile("(?m)^cablestream_requests_refused_total\\{status=\"(\\d+)\"\\} ([0-9.E]+)$");

  private final Map<String, Long> reasons = new TreeMap<>();
  private long asked;

  /** Adds the load generator's response to {@code open}. */
  void addOpening(Line answer, int count) {
    asked += count;
    for (String pair : answer.text("reasons").split(";")) {
      int equals = pair.lastIndexOf('=');
      if (equals > 0) {
        add(
            pair.substring(0, equals).replace('_', ' '),
            Long.parseLong(pair.substring(equals + 1)));
      }
    }
  }

  void add(String reason, long times) {
    if (times > 0) {
      reasons.merge(reason, times, Long::sum);
    }
  }

  /** Adds the bridge's refusals between two readings of its metrics. */
  void addRefused(String before, String after) {
    Map<String, Double> counted = refused(before);
    refused(after)
        .forEach(
            (status, times) ->
                add(
                    "answered " + status + " (the bridge's count)",
                    Math.round(times - counted.getOrDefault(status, 0.0))));
  }

  private static Map<String, Double> refused(String metrics) {
    Map<String, Double> refused = new TreeMap<>();
    Matcher matcher = REFUSED.matcher(metrics);
    while (matcher.find()) {
      refused.put(matcher.group(1), Double.parseDouble(matcher.group(2)));
    }
    return refused;
  }

  /** A metric without labels. */
  static double value(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  long asked() {
    return asked;
  }

  /** A cell of a table. */
  @Override
  public String toString() {
    return reasons.isEmpty()
        ? "none"
        : reasons.entrySet().stream()
            .map(reason -> reason.getValue() + " × " + reason.getKey().replace("|", "/"))
            .collect(Collectors.joining("; "));
  }
}
