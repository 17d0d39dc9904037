package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Faults that must never happen, counted in each scenario.
 *
 * @param counts by name:
 *     <ul>
 *       <li>lost: sent and never received
 *       <li>unsent: due and never written by the server, because the socket accepted no more
 *       <li>repeated: received again
 *       <li>swapped: received after one that was sent later
 *       <li>foreign: received by another client
 *       <li>malformed: truncated or changed
 *       <li>gaps: gaps that the bridge announced
 *       <li>broken: streams and sockets that ended
 *       <li>unopened: sessions that could not be opened
 *     </ul>
 */
public record FaultCounts(Map<String, Long> counts) {
  static final String UNSENT = "unsent";
  private static final String UNOPENED = "unopened";

  /** Their names in a measurement. */
  public static final List<String> NAMES =
      List.of(
          "lost",
          UNSENT,
          "repeated",
          "swapped",
          "foreign",
          "malformed",
          "gaps",
          "broken",
          UNOPENED);

  /** Reads the load generator's report, which has all except the two that it can't know. */
  static FaultCounts of(Line report, long unsent, long unopened) {
    Map<String, Long> counts = new LinkedHashMap<>(Map.of(UNSENT, unsent, UNOPENED, unopened));
    NAMES.forEach(name -> counts.computeIfAbsent(name, report::number));
    return new FaultCounts(counts);
  }

  /** Adds all of them to a measurement; if a scenario has several parts, the worst counts. */
  void noteIn(Measurement measurement) {
    counts.forEach(measurement::atLeast);
  }
}
