package cablestream.hardening;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an attack did.
 *
 * @param heap bytes that were reachable at its height
 * @param account bytes that were charged then
 * @param left bytes that were reachable when it was over
 * @param worst how long an event took to a neighbour, in ms
 * @param p99 the same of 99 in 100
 * @param newcomer how long somebody new had to wait, in ms
 * @param noPlace whether newcomers found all places taken, as they may while an attack takes them
 * @param failures what mustn't have been
 */
record Outcome(
    Attack attack,
    Place place,
    long heap,
    long account,
    long left,
    long worst,
    long p99,
    long newcomer,
    boolean noPlace,
    List<String> failures) {

  private static final int MAX_SHOWN = 4;

  static final String HEAD =
      """
      | attack | where | heap, MiB | account, MiB | heap after, MiB | worst wait, ms | p99, ms | newcomer, ms | |
      |---|---|---|---|---|---|---|---|---|
      """;

  /** A line of the table. */
  String line() {
    return "| %s | %s | %s | %s | %s | %d | %d | %d | %s |\n"
        .formatted(
            attack,
            place,
            mebibytes(heap),
            mebibytes(account),
            mebibytes(left),
            worst,
            p99,
            newcomer,
            remark());
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

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1_048_576.0);
  }
}
