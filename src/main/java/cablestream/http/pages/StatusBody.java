package cablestream.http.pages;

import cablestream.session.SessionSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What {@code /-/status.json} says.
 *
 * @param counts counters and gauges, named as in {@code /-/metrics}
 */
public record StatusBody(
    String version,
    String started,
    long uptimeSeconds,
    boolean accepting,
    String cable,
    List<Deployment.EffectiveSetting> settings,
    SortedMap<String, Double> counts,
    Sessions sessions) {
  private static final int MAX_LISTED = 200;

  /** The slowest first, of equals the oldest: what an operator looks for. */
  private static final Comparator<SessionSnapshot> WORST_FIRST =
      Comparator.comparingLong(SessionSnapshot::lagBytes)
          .thenComparingLong(SessionSnapshot::ageSeconds)
          .reversed();

  /**
   * The sessions.
   *
   * @param lookedAt how many of them the rest is about
   * @param byFallback of those that are in the place of a WebSocket: why it isn't used
   * @param list the worst of those, at most 200
   */
  public record Sessions(
      int total,
      int lookedAt,
      Map<String, Long> byAge,
      Map<String, Long> byTransport,
      Map<String, Long> byLag,
      Map<String, Long> byCable,
      Map<String, Long> byFallback,
      List<SessionSnapshot> list) {}

  static StatusBody of(PageContext context, List<SessionSnapshot> seen) {
    Deployment deployment = context.deployment();
    return new StatusBody(
        deployment.version(),
        deployment.started().toString(),
        Duration.between(deployment.started(), Instant.now()).toSeconds(),
        context.sessions().isAccepting(),
        context.sessions().cableHealth().name().toLowerCase(Locale.ROOT),
        deployment.settings(),
        context.exposition().values(),
        new Sessions(
            context.sessions().size(),
            seen.size(),
            count(seen, StatusBody::age),
            count(seen, StatusBody::transport),
            count(seen, StatusBody::lag),
            count(seen, SessionSnapshot::cable),
            count(seen.stream().filter(StatusBody::fellBack).toList(), SessionSnapshot::fallback),
            seen.stream().sorted(WORST_FIRST).limit(MAX_LISTED).toList()));
  }

  private static Map<String, Long> count(
      List<SessionSnapshot> seen, Function<SessionSnapshot, String> word) {
    return seen.stream().collect(Collectors.groupingBy(word, Collectors.counting()));
  }

  private static String age(SessionSnapshot session) {
    long seconds = session.ageSeconds();
    return seconds < 60
        ? "under a minute"
        : seconds < 3_600 ? "under an hour" : seconds < 86_400 ? "under a day" : "older";
  }

  /** Whether it is in the place of a WebSocket, and goes on. */
  private static boolean fellBack(SessionSnapshot session) {
    return session.fallback() != null && !session.cable().equals("closed");
  }

  private static String transport(SessionSnapshot session) {
    return session.streams() > 0 ? "stream" : session.polls() > 0 ? "poll" : "nobody listens";
  }

  private static String lag(SessionSnapshot session) {
    long events = session.lagEvents();
    return events == 0 ? "none" : events < 100 ? "under 100 events" : "100 events or more";
  }
}
