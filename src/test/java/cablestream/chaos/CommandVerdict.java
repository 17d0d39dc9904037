package cablestream.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the commands of one session, or of many together.
 *
 * @param posted each counted once, however often its POST was repeated
 * @param answered without an error
 * @param failed answered with an error
 * @param unknown never answered: the session was over
 * @param carriedOut seen by the server
 * @param lost answered without an error, never seen by the server, and its cable didn't break
 * @param broken answered without an error, never seen by the server, and its cable broke
 * @param duplicated seen by the server again
 * @param outOfOrder seen by the server after a later one
 * @param wrong carried out in spite of an answer that it hadn't been
 * @param violations the first of them, in words
 */
record CommandVerdict(
    long posted,
    long answered,
    long failed,
    long unknown,
    long carriedOut,
    long lost,
    long broken,
    long duplicated,
    long outOfOrder,
    long wrong,
    List<String> violations) {
  static final CommandVerdict NOTHING = new CommandVerdict(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());

  boolean isClean() {
    return lost == 0 && duplicated == 0 && outOfOrder == 0 && wrong == 0;
  }

  CommandVerdict plus(CommandVerdict other) {
    List<String> both = new ArrayList<>(violations);
    both.addAll(other.violations);
    return new CommandVerdict(
        posted + other.posted,
        answered + other.answered,
        failed + other.failed,
        unknown + other.unknown,
        carriedOut + other.carriedOut,
        lost + other.lost,
        broken + other.broken,
        duplicated + other.duplicated,
        outOfOrder + other.outOfOrder,
        wrong + other.wrong,
        both);
  }
}
