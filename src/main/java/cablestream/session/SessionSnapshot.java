package cablestream.session;

import cablestream.environment.Transitions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an operator may see of a session: no payload, and no id that gives access.
 *
 * @param session the short hash that names it in log lines
 * @param mode {@code channels} or {@code tunnel}
 * @param cable {@code dialling}, {@code open}, {@code paused} (a full log: the slowest listener
 *     delays it), {@code down} or {@code closed}
 * @param ageSeconds since it was opened
 * @param channels the chan_ids of the confirmed subscriptions
 * @param details null unless they were requested
 */
public record SessionSnapshot(
    String session,
    String mode,
    Client client,
    String cable,
    long ageSeconds,
    Load load,
    List<String> channels,
    Details details) {

  /**
   * The session's client.
   *
   * @param address as far as trusted proxies report it; for IPv6 the network
   * @param origin of the page that opened it
   * @param userAgent the browser's User-Agent, its first 200 characters; any text
   * @param fallback why its page doesn't use a WebSocket; null unless it is a tunnel
   */
  public record Client(String address, String origin, String userAgent, String fallback) {
    private static final int MAX_USER_AGENT = 200;

    public Client {
      String said = userAgent == null ? "" : userAgent;
      userAgent = said.substring(0, Math.min(said.length(), MAX_USER_AGENT));
    }
  }

  /**
   * The session's traffic and buffers.
   *
   * @param streams attached now
   * @param polls attached now, 0 or 1
   * @param events logged since it was opened
   * @param lagEvents events that the slowest listener hasn't read yet; without listeners, that the
   *     last one hadn't
   * @param lagBytes the size of these events in bytes
   * @param logBytes the size of the log
   * @param unsentBytes size of commands that weren't sent to the server yet
   */
  public record Load(
      int streams,
      int polls,
      long events,
      long lagEvents,
      long lagBytes,
      long logBytes,
      int unsentBytes) {}

  /**
   * What is shown only for a single session.
   *
   * @param channelNames the class names of its channels by chan_id, without parameters
   * @param transitions the latest, the oldest of them first
   */
  public record Details(
      Map<String, String> channelNames, List<Transitions.Transition> transitions) {}

  /**
   * Whether its hash, its client's address, its page's origin or its User-Agent contains the text.
   */
  public boolean matches(String text) {
    String sought = text.toLowerCase(Locale.ROOT);
    return Stream.of(session, client.address(), client.origin(), client.userAgent())
        .anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(sought));
  }
}
