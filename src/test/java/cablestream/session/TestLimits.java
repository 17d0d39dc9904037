package cablestream.session;

import cablestream.environment.Limits;
import java.time.Duration;

/** The default limits with one or two changed. */
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
    return with(Limits.defaults().heartbeat(), stall, soleStall, Limits.defaults().drain());
  }

  static Limits heartbeat(Duration heartbeat) {
    Limits of = Limits.defaults();
    return with(heartbeat, of.stall(), of.soleStall(), of.drain());
  }

  static Limits drainNotice(Duration notice) {
    return drain(notice, false);
  }

  /** With a notice for the balancer, and other nodes that find each session. */
  static Limits foundByOthers(Duration notice) {
    return drain(notice, true);
  }

  private static Limits drain(Duration notice, boolean found) {
    Limits of = Limits.defaults();
    Limits.Drain drain = of.drain();
    return with(
        of.heartbeat(),
        of.stall(),
        of.soleStall(),
        new Limits.Drain(notice, drain.retryFrom(), drain.retryTo(), drain.limit(), found));
  }

  private static Limits with(
      Duration heartbeat, Duration stall, Duration soleStall, Limits.Drain drain) {
    Limits of = with(20, 0, false, 20, 1_000, 512 * 1024, Long.MAX_VALUE);
    return new Limits(
        of.maxSessions(),
        of.maxSessionsPerAddress(),
        of.manyListeners(),
        of.maxListeners(),
        of.maxSubscriptions(),
        of.linger(),
        of.logEvents(),
        of.logBytes(),
        of.budgetBytes(),
        heartbeat,
        of.retry(),
        stall,
        soleStall,
        of.confirm(),
        of.maxUnsentBytes(),
        drain);
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
    return new Limits(
        sessions,
        perAddress,
        many,
        defaults.maxListeners(),
        subscriptions,
        Duration.ofSeconds(30),
        events,
        bytes,
        budget,
        defaults.heartbeat(),
        defaults.retry(),
        defaults.stall(),
        defaults.soleStall(),
        defaults.confirm(),
        defaults.maxUnsentBytes(),
        defaults.drain());
  }
}
