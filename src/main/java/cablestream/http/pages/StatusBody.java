package cablestream.http.pages;

import cablestream.session.SessionSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The body of {@code /-/status.json}.
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

  /** The slowest first, of equal ones the oldest: the sessions that an operator looks for. */
  private static final Comparator<SessionSnapshot> WORST_FIRST =
      Comparator.comparingLong((SessionSnapshot session) -> session.load().lagBytes())
          .thenComparingLong(SessionSnapshot::ageSeconds)
          .reversed();

  /**
   * The sessions.
   *
   * @param lookedAt how many of them were examined for the other figures
   * @param byFallback those that replace a WebSocket, by the reason of the fallback
   * @param list the worst of those, at most 200, each a {@link #row}
   */
  public record Sessions(
      int total,
      int lookedAt,
      Map<String, Long> byAge,
      Map<String, Long> byTransport,
      Map<String, Long> byLag,
      Map<String, Long> byCable,
      Map<String, Long> byFallback,
      List<Map<String, Object>> list) {}

  static StatusBody of(PageContext context, List<SessionSnapshot> seen) {
    Deployment deployment = context.deployment();
    return new StatusBody(
        deployment.version(),
        deployment.started().toString(),
        Duration.between(deployment.started(), Instant.now()).toSeconds(),
        context.sessions().isAccepting(),
        context.sessions().cables().health().name().toLowerCase(Locale.ROOT),
        deployment.settings(),
        context.exposition().values(),
        new Sessions(
            context.sessions().size(),
            seen.size(),
            count(seen, StatusBody::age),
            count(seen, StatusBody::transport),
            count(seen, StatusBody::lag),
            count(seen, SessionSnapshot::cable),
            count(seen.stream().filter(StatusBody::fellBack).toList(), StatusBody::fallback),
            seen.stream().sorted(WORST_FIRST).limit(MAX_LISTED).map(StatusBody::row).toList()));
  }

  /** A session in JSON: its groups side by side, without unknown values. */
  static Map<String, Object> row(SessionSnapshot session) {
    SessionSnapshot.Client client = session.client();
    SessionSnapshot.Load load = session.load();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("session", session.session());
    row.put("mode", session.mode());
    row.put("fallback", client.fallback());
    row.put("address", client.address());
    row.put("origin", client.origin());
    row.put("user_agent", client.userAgent());
    row.put("cable", session.cable());
    row.put("age_seconds", session.ageSeconds());
    row.put("streams", load.streams());
    row.put("polls", load.polls());
    row.put("events", load.events());
    row.put("lag_events", load.lagEvents());
    row.put("lag_bytes", load.lagBytes());
    row.put("log_bytes", load.logBytes());
    row.put("unsent_bytes", load.unsentBytes());
    row.put("channels", session.channels());
    if (session.details() != null) {
      row.put("channel_names", session.details().channelNames());
      row.put("transitions", session.details().transitions());
    }
    row.values().removeIf(Objects::isNull);
    return row;
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

  /** Whether it replaces a WebSocket and hasn't ended. */
  private static boolean fellBack(SessionSnapshot session) {
    return fallback(session) != null && !session.cable().equals("closed");
  }

  private static String fallback(SessionSnapshot session) {
    return session.client().fallback();
  }

  private static String transport(SessionSnapshot session) {
    SessionSnapshot.Load load = session.load();
    return load.streams() > 0 ? "stream" : load.polls() > 0 ? "poll" : "nobody listens";
  }

  private static String lag(SessionSnapshot session) {
    long events = session.load().lagEvents();
    return events == 0 ? "none" : events < 100 ? "under 100 events" : "100 events or more";
  }
}
