package cablestream.environment;

import cablestream.browser.Refusal;
import cablestream.memory.Account;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What bounds sessions. Sizes are in bytes. */
public record Limits(
    Sessions sessions, Listening listening, Logs logs, Commands commands, Drain drain) {
  /**
   * How many sessions there may be, and for how long nobody has to listen.
   *
   * @param most at once; one more is answered 503. The account may have room for fewer
   * @param mostOfAddress at once from one client address; 0: any number
   * @param linger how long one stays after its last listener has gone
   * @param fitting how many the process has file descriptors for
   */
  public record Sessions(int most, int mostOfAddress, Duration linger, int fitting) {
    /** In a process that has as many as it likes. */
    public Sessions(int most, int mostOfAddress, Duration linger) {
      this(most, mostOfAddress, linger, Integer.MAX_VALUE);
    }
  }

  /** The same in a process that has file descriptors for so many sessions. */
  public Limits fitting(int fitting) {
    return new Limits(
        new Sessions(sessions.most, sessions.mostOfAddress, sessions.linger, fitting),
        listening,
        logs,
        commands,
        drain);
  }

  /**
   * Who may listen to a session, and how.
   *
   * @param many false: a new stream takes over from the one before; true: all get every event
   * @param most streams and polls attached to one session at once, with {@code many}
   * @param heartbeat between two comment lines of a stream without {@code ping}
   * @param retry what a stream's {@code retry:} line says
   * @param stall how long a listener may make no progress while another is ahead of it
   * @param soleStall how long a sole listener may
   */
  public record Listening(
      boolean many,
      int most,
      Duration heartbeat,
      Duration retry,
      Duration stall,
      Duration soleStall) {}

  /**
   * What logs may hold.
   *
   * @param events in the history, and again in the backlog
   * @param bytes of the history, and again of the backlog
   * @param budget bytes in all sessions' logs together, before histories are evicted and cables
   *     paused
   */
  public record Logs(int events, int bytes, long budget) {}

  /**
   * What a session may have the server do.
   *
   * @param maxSubscriptions at once; their identifiers, which are kept as long, may have 1,024
   *     characters each on average
   * @param confirm how long a subscription may take to be confirmed, and a send to be delivered
   * @param maxUnsentBytes of commands that one session's cable hasn't taken yet
   */
  public record Commands(int maxSubscriptions, Duration confirm, int maxUnsentBytes) {}

  /**
   * How the bridge says goodbye before it is stopped.
   *
   * @param notice how long {@code /-/ready} says no before anything else happens
   * @param retryFrom the shortest and
   * @param retryTo the longest time after which a listener is told to come back
   * @param limit how long listeners and cables may take to end; what is left then is cut off
   * @param foundByOthers whether other nodes find a session here: asking them is no use
   */
  public record Drain(
      Duration notice,
      Duration retryFrom,
      Duration retryTo,
      Duration limit,
      boolean foundByOthers) {
    /** Longer than a request's way, shorter than a pause that anybody notices. */
    private static final Duration LAST_COMMANDS = Duration.ofMillis(300);

    /**
     * How long a session's cable stays after its listeners were told that it goes: so that what was
     * sent by who hadn't heard it gets to the server, and is carried out. ActionCable does nothing
     * for a connection that has been closed ({@code ActionCable::Connection::Base}, "Ignoring
     * message processed after the WebSocket was closed").
     */
    public Duration lastCommands() {
      return limit.compareTo(LAST_COMMANDS) < 0 ? limit : LAST_COMMANDS;
    }

    /** When one of many is to come back, so that they don't all come at once. */
    public long retryMillis(RandomGenerator random) {
      long from = retryFrom.toMillis();
      return from + random.nextLong(retryTo.toMillis() - from + 1);
    }

    /** What somebody is told who comes, or waits, when the bridge is about to stop. */
    public Refusal refusal(RandomGenerator random) {
      return refusal(retryMillis(random));
    }

    /**
     * The same for a certain time. With a notice there are others to go to, and a balancer that
     * asks the next one when it gets a 503. Without, whoever comes back comes back here, as where
     * the next one would only hand it on to this one, and for an EventSource a 503 would be the
     * end.
     */
    public Refusal refusal(long retryMillis) {
      int seconds = (int) (retryMillis / 1_000) + 1;
      long comeBack = notice.isZero() || foundByOthers ? Math.max(1, retryMillis) : 0;
      return new Refusal(503, "the bridge is draining", seconds, comeBack);
    }
  }

  /** The same for sessions that strangers open to try their network: few, short and small. */
  public Limits ofTrials() {
    return new Limits(
        new Sessions(200, 20, Duration.ofSeconds(10)),
        new Listening(
            false, 1, listening.heartbeat, listening.retry, listening.stall, listening.soleStall),
        new Logs(100, 64 * 1024, 4 * 1024 * 1024),
        new Commands(1, commands.confirm, 16 * 1024),
        drain);
  }

  /** What protocol.md and settings.md promise when nothing is set. */
  public static Limits defaults() {
    return new Limits(
        new Sessions(20_000, 0, Duration.ofSeconds(30)),
        new Listening(
            false,
            16,
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(25)),
        new Logs(1_000, 512 * 1024, Account.defaultLogs(Runtime.getRuntime().maxMemory())),
        new Commands(100, Duration.ofSeconds(10), 256 * 1024),
        new Drain(
            Duration.ZERO,
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            false));
  }
}
