package cablestream.session;

import cablestream.environment.Limits;
import java.time.Duration;

/** The default limits with one or two changes. */
final class TestLimits {
  private TestLimits() {}

  static Limits sessions(int most) {
    return with(most, 0, false, 1_000, 1_000, 512 * 1024, Long.MAX_VALUE);
  }

  static Limits sessionsPerAddress(int most) {
    return with(20, most, false, 1_000, 1_000, 512 * 1024, Long.MAX_VALUE);
  }

  static Limits subscriptions(int most) {
    return with(20, 0, false, most, 1_000, 512 * 1024, Long.MAX_VALUE);
  }

  static Limits manyListeners() {
    return with(20, 0, true, 20, 1_000, 512 * 1024, Long.MAX_VALUE);
  }

  static Limits log(int events, int bytes) {
    return with(20, 0, false, 20, events, bytes, Long.MAX_VALUE);
  }

  static Limits manyListeners(int events) {
    return with(20, 0, true, 20, events, 512 * 1024, Long.MAX_VALUE);
  }

  static Limits budget(long bytes) {
    return with(20, 0, false, 20, 1_000, 512 * 1024, bytes);
  }

  static Limits stalls(Duration stall, Duration soleStall) {
    return listening(Limits.defaults().listening().heartbeat(), stall, soleStall);
  }

  static Limits heartbeat(Duration heartbeat) {
    Limits.Listening of = Limits.defaults().listening();
    return listening(heartbeat, of.stall(), of.soleStall());
  }

  static Limits drainNotice(Duration notice) {
    return drain(notice, false);
  }

  /** With a notice for the balancer, and with other nodes that find each session. */
  static Limits foundByOthers(Duration notice) {
    return drain(notice, true);
  }

  private static Limits drain(Duration notice, boolean found) {
    Limits of = few();
    Limits.Drain drain = of.drain();
    return new Limits(
        of.sessions(),
        of.listening(),
        of.logs(),
        of.commands(),
        new Limits.Drain(notice, drain.retryFrom(), drain.retryTo(), drain.limit(), found));
  }

  private static Limits listening(Duration heartbeat, Duration stall, Duration soleStall) {
    Limits of = few();
    Limits.Listening listening = of.listening();
    return new Limits(
        of.sessions(),
        new Limits.Listening(
            listening.many(), listening.most(), heartbeat, listening.retry(), stall, soleStall),
        of.logs(),
        of.commands(),
        of.drain());
  }

  private static Limits few() {
    return with(20, 0, false, 20, 1_000, 512 * 1024, Long.MAX_VALUE);
  }

  private static Limits with(
      int sessions,
      int perAddress,
      boolean many,
      int subscriptions,
      int events,
      int bytes,
      long budget) {
    Limits defaults = Limits.defaults();
    Limits.Listening of = defaults.listening();
    return new Limits(
        new Limits.Sessions(sessions, perAddress, Duration.ofSeconds(30)),
        new Limits.Listening(
            many, of.most(), of.heartbeat(), of.retry(), of.stall(), of.soleStall()),
        new Limits.Logs(events, bytes, budget),
        new Limits.Commands(
            subscriptions, defaults.commands().confirm(), defaults.commands().maxUnsentBytes()),
        defaults.drain());
  }
}
