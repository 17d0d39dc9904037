package cablestream.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the messages of one session, or of many together.
 *
 * @param sent messages that the server gave to a socket
 * @param delivered messages that the client saw, each counted once
 * @param withCable lost with a broken cable, and the client was told {@code disconnected}
 * @param withSession lost with a session, and the client was told {@code resumed: false} or {@code
 *     closed}
 * @param inGaps lost with the client away for too long, and it was told {@code gap}
 * @param unannounced lost, and nobody said so
 * @param duplicated seen again
 * @param outOfOrder seen after a later one
 * @param wrong altered, or events around them that contradict each other
 * @param gaps how many {@code gap} events were seen
 * @param violations the first of them, in words
 */
record Verdict(
    long sent,
    long delivered,
    long withCable,
    long withSession,
    long inGaps,
    long unannounced,
    long duplicated,
    long outOfOrder,
    long wrong,
    long gaps,
    List<String> violations) {
  static final Verdict NOTHING = new Verdict(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());

  /** Lost, and the client was told. */
  long announced() {
    return withCable + withSession + inGaps;
  }

  boolean isClean() {
    return unannounced == 0 && duplicated == 0 && outOfOrder == 0 && wrong == 0;
  }

  Verdict plus(Verdict other) {
    List<String> both = new ArrayList<>(violations);
    both.addAll(other.violations);
    return new Verdict(
        sent + other.sent,
        delivered + other.delivered,
        withCable + other.withCable,
        withSession + other.withSession,
        inGaps + other.inGaps,
        unannounced + other.unannounced,
        duplicated + other.duplicated,
        outOfOrder + other.outOfOrder,
        wrong + other.wrong,
        gaps + other.gaps,
        both);
  }
}
