package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.util.List;

/**
 * What must never happen, counted in every scenario.
 *
 * @param lost sent and never received
 * @param unsent due and never written by the server, as the socket took no more
 * @param repeated received again
 * @param swapped received after one that was sent later
 * @param foreign received by another client
 * @param malformed cut or changed
 * @param announced gaps that the bridge announced
 * @param broken streams and sockets that ended
 * @param unopened sessions that could not be opened
 */
public record FaultCounts(
    long lost,
    long unsent,
    long repeated,
    long swapped,
    long foreign,
    long malformed,
    long announced,
    long broken,
    long unopened) {

  /** Reads the load generator's report. */
  static FaultCounts of(Line report, long unsent, long unopened) {
    return new FaultCounts(
        report.number("lost"),
        unsent,
        report.number("repeated"),
        report.number("swapped"),
        report.number("foreign"),
        report.number("malformed"),
        report.number("announcedLost"),
        report.number("broken"),
        unopened);
  }

  /** As they are called in a measurement. */
  public static final List<String> NAMES =
      List.of(
          "lost",
          "unsent",
          "repeated",
          "swapped",
          "foreign",
          "malformed",
          "gaps",
          "broken",
          "unopened");

  /** Notes all of them; the worst counts where a scenario has several parts. */
  void noteIn(Measurement measurement) {
    measurement
        .atLeast("lost", lost)
        .atLeast("unsent", unsent)
        .atLeast("repeated", repeated)
        .atLeast("swapped", swapped);
    measurement.atLeast("foreign", foreign).atLeast("malformed", malformed);
    measurement.atLeast("gaps", announced).atLeast("broken", broken).atLeast("unopened", unopened);
  }
}
