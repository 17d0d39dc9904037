package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What must never happen, counted in every scenario.
 *
 * @param counts by name:
 *     <ul>
 *       <li>lost: sent and never received
 *       <li>unsent: due and never written by the server, as the socket took no more
 *       <li>repeated: received again
 *       <li>swapped: received after one that was sent later
 *       <li>foreign: received by another client
 *       <li>malformed: cut or changed
 *       <li>gaps: gaps that the bridge announced
 *       <li>broken: streams and sockets that ended
 *       <li>unopened: sessions that could not be opened
 *     </ul>
 */
public record FaultCounts(Map<String, Long> counts) {
  static final String UNSENT = "unsent";
  private static final String UNOPENED = "unopened";

  /** As they are called in a measurement. */
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

  /** Reads the load generator's report, which has all but the two that it can't know. */
  static FaultCounts of(Line report, long unsent, long unopened) {
    Map<String, Long> counts = new LinkedHashMap<>(Map.of(UNSENT, unsent, UNOPENED, unopened));
    NAMES.forEach(name -> counts.computeIfAbsent(name, report::number));
    return new FaultCounts(counts);
  }

  /** Notes all of them; the worst counts where a scenario has several parts. */
  void noteIn(Measurement measurement) {
    counts.forEach(measurement::atLeast);
  }
}
