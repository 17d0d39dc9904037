package cablestream.environment;

import cablestream.browser.Refusal;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** The limits of sessions. Sizes are in bytes. */
public record Limits(
    Sessions sessions, Listening listening, Logs logs, Commands commands, Drain drain) {
  /**
   * The number of sessions, and how long each remains without listeners.
   *
   * @param max at once; one more returns 503. The account may have room for fewer
   * @param maxOfAddress at once from one client address; 0 for any number
   * @param linger how long one remains after its last listener has left
   * @param fitting for how many the process has file descriptors
   */
  public record Sessions(int max, int maxOfAddress, Duration linger, int fitting) {
    /** The limits in a process with enough file descriptors. */
    public Sessions(int max, int maxOfAddress, Duration linger) {
      this(max, maxOfAddress, linger, Integer.MAX_VALUE);
    }
  }

  /** A copy for a process that has file descriptors for this many sessions. */
  public Limits fitting(int fitting) {
    return new Limits(
        new Sessions(sessions.max, sessions.maxOfAddress, sessions.linger, fitting),
        listening,
        logs,
        commands,
        drain);
  }

  /**
   * The listeners of a session.
   *
   * @param many false: a new stream replaces the previous one; true: all receive every event
   * @param max streams and polls attached to one session at once, with {@code many}
   * @param heartbeat interval between two comment lines of a stream without {@code ping}
   * @param retry the longest delay in a stream's {@code retry:} line
   * @param stall how long a listener may make no progress while another is ahead of it
   * @param soleStall how long a sole listener may make no progress
   */
  public record Listening(
      boolean many,
      int max,
      Duration heartbeat,
      Duration retry,
      Duration stall,
      Duration soleStall) {
    /**
     * A random delay from half of {@code retry} on: the listeners of a process that was killed all
     * lose their streams at once, and an EventSource never changes its delay while it can't
     * connect.
     */
    public long retryMillis(RandomGenerator random) {
      long longest = retry.toMillis();
      return longest - random.nextLong(longest / 2 + 1);
    }
  }

  /**
   * The size of logs.
   *
   * @param events in the history, and as many in the backlog
   * @param bytes of the history, and as many of the backlog
   * @param budget bytes of all sessions' logs together, above which histories are evicted and
   *     cables pause
   */
  public record Logs(int events, int bytes, long budget) {}

  /**
   * The work of the server for one session.
   *
   * @param maxSubscriptions at once; their identifiers may have 1,024 characters each on average
   * @param confirm time limit for a subscription's confirmation and for a command's delivery
   * @param maxUnsentBytes of one session's commands that haven't been sent to the server yet
   */
  public record Commands(int maxSubscriptions, Duration confirm, int maxUnsentBytes) {}

  /**
   * How the bridge ends its sessions before it stops.
   *
   * @param notice how long {@code /-/ready} returns 503 before the drain begins
   * @param retryFrom the shortest time after which a listener is asked to reconnect
   * @param retryTo the longest such time
   * @param limit time limit for listeners and cables to end; the others are then disconnected
   * @param foundByOthers whether other nodes only relay requests for a session to this one
   */
  public record Drain(
      Duration notice,
      Duration retryFrom,
      Duration retryTo,
      Duration limit,
      boolean foundByOthers) {
    /** Longer than a request needs, and too short for users to notice. */
    private static final Duration LAST_COMMANDS = Duration.ofMillis(300);

    /**
     * How long a session's cable stays open after its listeners were told to leave, so that
     * commands already on their way still reach the server. Action Cable ignores messages of a
     * closed connection ({@code ActionCable::Connection::Base}, "Ignoring message processed after
     * the WebSocket was closed").
     */
    public Duration lastCommands() {
      return limit.compareTo(LAST_COMMANDS) < 0 ? limit : LAST_COMMANDS;
    }

    /** A random delay before reconnecting, so that not all listeners reconnect at once. */
    public long retryMillis(RandomGenerator random) {
      long from = retryFrom.toMillis();
      return from + random.nextLong(retryTo.toMillis() - from + 1);
    }

    /** The refusal of a request, or the end of one that waits, while the bridge drains. */
    public Refusal refusal(RandomGenerator random) {
      return refusal(retryMillis(random));
    }

    /**
     * The same with a certain delay. With a notice there are other nodes, and a load balancer that
     * tries the next one on a 503. Otherwise a client that reconnects reaches this node again, or
     * one that would only relay to it, and for an EventSource a 503 is final.
     */
    public Refusal refusal(long retryMillis) {
      int seconds = (int) (retryMillis / 1_000) + 1;
      long comeBack = notice.isZero() || foundByOthers ? Math.max(1, retryMillis) : 0;
      return new Refusal(503, "the bridge is draining", seconds, comeBack);
    }
  }

  /** A copy for the sessions of network tests: few, short and small. */
  public Limits ofTrials() {
    return new Limits(
        new Sessions(200, 20, Duration.ofSeconds(10)),
        new Listening(
            false, 1, listening.heartbeat, listening.retry, listening.stall, listening.soleStall),
        new Logs(100, 64 * 1024, 4 * 1024 * 1024),
        new Commands(1, commands.confirm, 16 * 1024),
        drain);
  }
}
