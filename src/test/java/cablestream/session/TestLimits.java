package cablestream.session;

import static cablestream.support.Records.with;

import cablestream.environment.Limits;
import cablestream.support.Defaults;
import java.time.Duration;

/** The default limits with one or two changes. */
final class TestLimits {
  private TestLimits() {}

  static Limits sessions(int max) {
    return with(few(), "sessions.max", max);
  }

  static Limits sessionsPerAddress(int max) {
    return with(few(), "sessions.maxOfAddress", max);
  }

  static Limits subscriptions(int max) {
    return with(few(), "commands.maxSubscriptions", max);
  }

  static Limits manyListeners() {
    return with(few(), "listening.many", true);
  }

  static Limits log(int events, int bytes) {
    return with(with(few(), "logs.events", events), "logs.bytes", bytes);
  }

  static Limits manyListeners(int events) {
    return with(manyListeners(), "logs.events", events);
  }

  static Limits budget(long bytes) {
    return with(few(), "logs.budget", bytes);
  }

  static Limits stalls(Duration stall, Duration soleStall) {
    return with(with(few(), "listening.stall", stall), "listening.soleStall", soleStall);
  }

  static Limits heartbeat(Duration heartbeat) {
    return with(few(), "listening.heartbeat", heartbeat);
  }

  static Limits drainNotice(Duration notice) {
    return with(few(), "drain.notice", notice);
  }

  /** With a notice for the balancer, and with other nodes that find each session. */
  static Limits foundByOthers(Duration notice) {
    return with(drainNotice(notice), "drain.foundByOthers", true);
  }

  private static Limits few() {
    Limits few = with(Defaults.limits(), "sessions.max", 20);
    return with(with(few, "commands.maxSubscriptions", 20), "logs.budget", Long.MAX_VALUE);
  }
}
