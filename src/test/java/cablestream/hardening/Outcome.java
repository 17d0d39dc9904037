package cablestream.hardening;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The result of an attack.
 *
 * @param noPlace whether newcomers were refused because all places were occupied, as is allowed
 *     while an attack occupies them
 * @param failures violations
 */
record Outcome(
    Attack attack,
    Place place,
    Memory memory,
    Waits waits,
    boolean noPlace,
    List<String> failures) {

  /**
   * Memory of the bridge, in bytes.
   *
   * @param heap reachable at the peak
   * @param account reserved in the account at the peak
   * @param left reachable after the attack
   */
  record Memory(long heap, long account, long left) {}

  /**
   * Waits of other clients, in ms.
   *
   * @param worst the longest delay of an event to a neighbour
   * @param p99 the 99th percentile of the same
   * @param newcomer how long a new client waited
   */
  record Waits(long worst, long p99, long newcomer) {}

  private static final int MAX_SHOWN = 4;

  static final String HEAD =
      "attack,where,heap (MiB),account (MiB),heap after (MiB),worst wait (ms),p99 (ms),newcomer (ms),"
          + "remark\n";

  /** A row of the table, as CSV. */
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
