package cablestream.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The record of one session's messages: those that its server wrote to a socket, those that its
 * client received, and those that may be missing. Thread-safe.
 *
 * <p>A <em>life</em> is one confirmed subscription on one cable; its messages are numbered from 1.
 * Within a life none may be missing, except those that a {@code gap} announced. A life may lose its
 * last messages with its cable, and a whole life may be lost with it, but the client must have
 * received {@code disconnected} before the next life, and that one from its first message on. A
 * cable that ended with a {@code disconnect} frame has lost nothing. A new session, which sends
 * {@code resumed: false}, may lose anything before it.
 */
final class EventLedger {
  private static final int MAX_VIOLATIONS = 5;

  /** What the client may miss before its next message. */
  private enum Licence {
    /** Nothing. */
    NONE,
    /** What was lost with the cable. */
    CABLE,
    /** Anything: its session is new, or it had no cursor. */
    ALL
  }

  final int session;
  final Transport transport;

  /** Whether its session may exist on several nodes, with a life on each. */
  private final boolean moves;

  private final Trace trace = new Trace();

  // Recorded by the server.
  private final List<ClientLifetime> lives = new ArrayList<>();

  // Known to the client.
  private String sessionId;
  private long position;
  private Licence licence = Licence.ALL;

  /** Missing events here that a gap announced. */
  private long dropped;

  private int current;

  // The result.
  /** When waiting for a message began, and the time of the latest message then; 0 for not yet. */
  private long lookedAt;

  private long seenAt;

  private long delivered;
  private long duplicated;
  private long outOfOrder;
  private long wrong;
  private long gaps;
  private final List<String> violations = new ArrayList<>();

  /**
   * @param moves whether another node may open the session, and the client return to the first one
   */
  EventLedger(int session, Transport transport, boolean moves) {
    this.moves = moves;
    this.session = session;
    this.transport = transport;
  }

  Trace trace() {
    return trace;
  }

  // ---- the server's side ----

  /** A subscription was confirmed. */
  synchronized int begin() {
    lives.add(new ClientLifetime(lives.size() + 1));
    trace.add("server: life " + lives.size() + " begins");
    return lives.size();
  }

  /** The next message of a life is given to its socket. */
  synchronized long give(int life) {
    return life(life).give();
  }

  /** A life has ended. */
  synchronized void end(int life, String how) {
    if (life(life).end()) {
      trace.add("server: " + life(life) + ": " + how);
    }
  }

  // ---- the client's side ----

  /** The client uses another events-id, because it knows that its session has ended. */
  synchronized void beganAnew(String why) {
    trace.add("client: begins anew, " + why);
    sessionId = null;
    position = 0;
    licence = Licence.ALL;
  }

  /**
   * A stream, or a poll that has to say so, was greeted.
   *
   * @param hadCursor whether the client came with one
   */
  synchronized void joined(String session, long at, boolean resumed, boolean hadCursor) {
    trace.add("client: joined " + session + "-" + at + (resumed ? ", resumed" : ""));
    boolean same = session.equals(sessionId);
    if (resumed) {
      if (!hadCursor || at != position || !same && sessionId != null) {
        wrong(
            "resumed at " + at + " of " + session + " and not at " + position + " of " + sessionId);
      }
    } else if (!same || !hadCursor) {
      licence = Licence.ALL;
      position = at;
    } else if (at != position) {
      wrong("greeted at " + at + " and not at its cursor " + position);
    }
    sessionId = session;
  }

  /**
   * A session answered a poll without a greeting.
   *
   * @param hadCursor whether the request had a cursor; without one, the response begins at the
   *     start of the present session, which may be another one than before if that has ended
   */
  synchronized void answeredBy(String session, boolean hadCursor) {
    if (sessionId == null || !hadCursor) {
      sessionId = session;
    } else if (!session.equals(sessionId)) {
      wrong("answered by " + session + " and not by " + sessionId);
    }
  }

  synchronized void gap(String session, long at, Long howMany) {
    trace.add("client: gap of " + howMany + " up to " + at);
    gaps++;
    if (howMany == null) {
      licence = Licence.ALL;
    } else {
      if (at - position != howMany || !session.equals(sessionId)) {
        wrong("a gap of " + howMany + " from " + position + " to " + at);
      }
      dropped += howMany;
    }
    position = at;
  }

  synchronized void connected(String session, long at) {
    trace.add("client: connected " + at);
    number(session, at);
  }

  /** Any other event with a number. */
  synchronized void passed(String session, long at) {
    number(session, at);
  }

  /**
   * The subscription was lost.
   *
   * @param endedLife the life that its server ended by a frame, after which nothing is lost; 0 for
   *     none
   */
  synchronized void disconnected(String session, long at, String reason, int endedLife) {
    trace.add("client: disconnected " + at + " " + reason);
    number(session, at);
    if (endedLife >= Math.max(1, current) && licence != Licence.ALL && dropped == 0) {
      ClientLifetime ended = life(endedLife);
      if (ended.unseen() > 0) {
        violation("it ended properly, and yet there is " + ended);
        ended.missTheRest();
        current = endedLife;
      }
    }
    if (licence == Licence.NONE) {
      licence = Licence.CABLE;
    }
  }

  /** A message was received. */
  synchronized void received(String session, long at, int life, long number, boolean intact) {
    number(session, at);
    seenAt = seenAt == 0 ? System.nanoTime() : seenAt;
    if (!intact) {
      wrong("message " + number + " of life " + life + " was altered");
    }
    if (life < 1 || life > lives.size() || number < 1 || number > life(life).sent()) {
      wrong("message " + number + " of life " + life + " was never sent");
    } else if (moves && licence == Licence.ALL && isPast(life, number)) {
      comesBackTo(life, number);
    } else if (isPast(life, number)) {
      again(life, number);
    } else {
      next(life, number);
    }
  }

  private boolean isPast(int life, long number) {
    return life < current || number <= life(life).seen();
  }

  /**
   * The client joins a session again after another node's, and was sent {@code resumed: false}: it
   * receives what that session still has.
   */
  private void comesBackTo(int life, long number) {
    delivered -= life(life).rewind(number - 1);
    for (ClientLifetime later : lives.subList(life, lives.size())) {
      delivered -= later.isOf(sessionId) ? later.rewind(0) : 0;
    }
    life(current).leave(true);
    current = life;
    next(life, number);
  }

  private void next(int life, long number) {
    if (life > current && licence == Licence.NONE && dropped == 0) {
      wrong("life " + life + " follows life " + current + " and nobody said disconnected");
    } else if (life == current && licence == Licence.CABLE) {
      wrong("message " + number + " of life " + life + " came after its disconnected");
    }
    long missing = number - life(life).seen() - 1;
    boolean licensed = licence == Licence.ALL || missing <= dropped;
    if (!licensed) {
      violation(
          "the %d messages before %d of life %d are missing at event %d"
              .formatted(missing, number, life, position));
    }
    goOnTo(life);
    life(life).see(sessionId, number, licensed);
    delivered++;
    licence = Licence.NONE;
    dropped = 0;
  }

  private void goOnTo(int life) {
    if (life > current && current > 0) {
      trace.add("client: leaves " + life(current));
    }
    for (ClientLifetime left : lives.subList(Math.max(0, current - 1), life - 1)) {
      left.leave(licence == Licence.ALL);
    }
    current = life;
  }

  private void again(int life, long number) {
    boolean late = life(life).seeLate(number);
    delivered += late ? 1 : 0;
    outOfOrder += late ? 1 : 0;
    duplicated += late ? 0 : 1;
    violation(
        "message %d of life %d came %s, at event %d"
            .formatted(number, life, late ? "late" : "again", position));
  }

  private ClientLifetime life(int number) {
    return lives.get(number - 1);
  }

  /** Event numbers are consecutive. */
  private void number(String session, long at) {
    if (!session.equals(sessionId)) {
      wrong("an event of session " + session + " in " + sessionId);
    } else if (at != position + 1) {
      wrong("event " + at + " follows event " + position);
    }
    position = at;
    sessionId = session;
  }

  /** Records a violation. */
  synchronized void wrong(String what) {
    wrong++;
    violation(what);
  }

  private void violation(String what) {
    trace.violation(what);
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add("session " + session + " (" + transport + "): " + what);
    }
  }

  // ---- the result ----

  /** Whether a subscription was confirmed. */
  synchronized boolean isBegun() {
    return !lives.isEmpty();
  }

  /** From now on the time until the next message is measured. */
  synchronized void lookForMessage() {
    lookedAt = System.nanoTime();
    seenAt = 0;
  }

  /** Nanoseconds from then until the next message; empty if none has arrived. */
  synchronized OptionalLong untilMessage() {
    return seenAt == 0 ? OptionalLong.empty() : OptionalLong.of(seenAt - lookedAt);
  }

  /**
   * Whether the client has received all messages of its present cable, or the announcement of
   * missing ones.
   */
  synchronized boolean isSettled() {
    ClientLifetime newest = newest();
    if (moves && lives.stream().anyMatch(life -> !life.isOver() && life != newest)) {
      return false; // of two sessions, one has yet to end
    }
    return !newest.isOver() && newest.sent() > 0 && newest.unseen() <= dropped;
  }

  /** The life that counts at the end. */
  private ClientLifetime newest() {
    if (moves && current > 0) {
      return life(current);
    }
    return lives.isEmpty() ? new ClientLifetime(0) : life(lives.size());
  }

  /** Messages that haven't been received by now count as lost. */
  synchronized Verdict<EventFate> verdict() {
    ClientLifetime newest = newest();
    if (!isSettled()) {
      wrong(
          "at the end there is %s, and the client is in life %d; not over: %s"
              .formatted(newest, current, lives.stream().filter(life -> !life.isOver()).toList()));
    }
    long sent = 0;
    long withCable = 0;
    long withSession = 0;
    long inGaps = isSettled() ? newest.unseen() : 0;
    long unannounced = isSettled() || newest.isOver() ? 0 : newest.unseen();
    for (ClientLifetime life : lives) {
      sent += life.sent();
      unannounced += life.missed();
      inGaps += life.forgone();
      if (life.endedWithSession()) {
        withSession += life.unseen();
      } else if (life != newest || life.isOver()) {
        withCable += life.unseen();
      }
    }
    if (sent != delivered + withCable + withSession + inGaps + unannounced) {
      wrong("the account doesn't add up");
    }
    Map<EventFate, Long> counts =
        Map.of(
            EventFate.SENT, sent,
            EventFate.DELIVERED, delivered,
            EventFate.LOST_WITH_CABLE, withCable,
            EventFate.LOST_WITH_SESSION, withSession,
            EventFate.LOST_IN_GAP, inGaps,
            EventFate.LOST_UNANNOUNCED, unannounced,
            EventFate.DUPLICATED, duplicated,
            EventFate.OUT_OF_ORDER, outOfOrder,
            EventFate.WRONG, wrong,
            EventFate.GAP, gaps);
    return new Verdict<>(counts, List.copyOf(violations));
  }
}
