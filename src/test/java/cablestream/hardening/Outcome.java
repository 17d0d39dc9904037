package cablestream.hardening;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an attack did.
 *
 * @param noPlace whether newcomers found all places taken, as they may while an attack takes them
 * @param failures what mustn't have been
 */
record Outcome(
    Attack attack,
    Place place,
    Memory memory,
    Waits waits,
    boolean noPlace,
    List<String> failures) {

  /**
   * Of the bridge, in bytes.
   *
   * @param heap what was reachable at its height
   * @param account what was charged then
   * @param left what was reachable when it was over
   */
  record Memory(long heap, long account, long left) {}

  /**
   * Of the others, in ms.
   *
   * @param worst how long an event took to a neighbour
   * @param p99 the same of 99 in 100
   * @param newcomer how long somebody new had to wait
   */
  record Waits(long worst, long p99, long newcomer) {}

  private static final int MAX_SHOWN = 4;

  static final String HEAD =
      "attack,where,heap (MiB),account (MiB),heap after (MiB),worst wait (ms),p99 (ms),newcomer (ms),"
          + "remark\n";

  /** A line of the table, as CSV. */
  String line() {
    return "%s,%s,%s,%s,%s,%d,%d,%d,%s\n"
        .formatted(
            quoted(attack),
            quoted(place),
            mebibytes(memory.heap),
            mebibytes(memory.account),
            mebibytes(memory.left),
            waits.worst,
            waits.p99,
            waits.newcomer,
            quoted(remark()));
  }

  private String remark() {
    if (!failures.isEmpty()) {
      return "**missed**: " + shown();
    }
    return noPlace ? "newcomers: 503" : "";
  }

  private List<String> shown() {
    List<String> shown = new ArrayList<>();
    for (String failure : failures.subList(0, Math.min(MAX_SHOWN, failures.size()))) {
      shown.add(failure.length() > 200 ? failure.substring(0, 200) + "…" : failure);
    }
    return shown;
  }

  private static String quoted(Object value) {
    String text = value.toString();
    return text.contains(",") || text.contains("\"")
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1_048_576.0);
  }
}
