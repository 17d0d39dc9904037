package cablestream.session;

import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or opens the session a request is for, and keeps the limits over all of them. Any thread;
 * nothing blocks but {@link #close}, and nothing is dialled or written under a lock.
 */
public final class SessionManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);

  /** How long an events-id that ended for good is remembered; protocol section 6. */
  private static final long REMEMBER_MILLIS = Duration.ofMinutes(5).toMillis();

  private static final int MOST_REMEMBERED = 100_000;
  private static final long REVIEW_MILLIS = 1_000;

  /** An events-id that ended for good, and who may know. */
  private record Ended(Binding binding) {
    /** The binding may learn a cookie from the check, here from any thread. */
    synchronized boolean admits(Caller caller) {
      return binding.admits(caller);
    }
  }

  private final Environment environment;
  private final EventTime time;
  private final AddressCounts addresses;
  private final Account account;
  private final Notices notices;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final Map<String, Ended> ended = new ConcurrentHashMap<>();

  /** Sessions that are over while some listener hasn't taken its last event yet. */
  private final Set<Session> departing = ConcurrentHashMap.newKeySet();

  private final AtomicInteger count = new AtomicInteger();
  private final Session.Home home = new Departures();
  private volatile boolean accepting = true;
  private volatile boolean closed;

  /** The account's, at the review before. On the timers' thread only. */
  private long seenPressure;

  public SessionManager(Environment environment) {
    this.environment = environment;
    time = new EventTime(environment.clock());
    addresses = new AddressCounts(environment.limits().maxSessionsPerAddress());
    account = environment.account();
    notices = new Notices(environment.timers());
    environment.timers().after(REVIEW_MILLIS, this::reviewBudget);
  }

  /**
   * GET or POST with {@code Accept: text/event-stream}.
   *
   * @param pingSeconds 1 to 60: a {@code ping} event so often; 0: comment lines instead
   */
  public void listen(Visit visit, int pingSeconds, Listener.Stream listener) {
    if (Cursor.saysEnd(visit.cursor())) {
      listener.refused(new Refusal(204, null));
      return;
    }
    enter(
        visit,
        true,
        204,
        listener::refused,
        session -> session.listen(visit, pingSeconds, listener),
        () -> listen(visit, pingSeconds, listener));
  }

  /**
   * A long poll.
   *
   * @param most events in the answer, 1 or more
   * @param timeout zero answers at once
   */
  public void poll(Visit visit, int most, Duration timeout, Listener.Poll listener) {
    if (Cursor.saysEnd(visit.cursor())) {
      listener.refused(new Refusal(204, null));
      return;
    }
    enter(
        visit,
        true,
        410,
        listener::refused,
        session -> session.poll(visit, most, timeout.toMillis(), listener),
        () -> poll(visit, most, timeout, listener));
  }

  /**
   * A POST with commands.
   *
   * @param opens whether it opens the session if there is none ({@code poll-queue})
   */
  public void command(Visit visit, CommandBatch batch, boolean opens, CommandReply reply) {
    enter(
        visit,
        opens,
        410,
        reply::refused,
        session -> session.command(visit, batch, reply),
        () -> command(visit, batch, opens, reply));
  }

  /**
   * DELETE, or the farewell: ends the session at once. The reply is a refusal: 204 when done, or
   * when there was none.
   *
   * @param sessionId ends that session only; null: whichever it is
   */
  public void end(Visit visit, String sessionId, CommandReply reply) {
    Session session = sessions.get(visit.eventsId());
    if (session == null || sessionId != null && !sessionId.equals(session.sessionId())) {
      reply.refused(new Refusal(204, null));
    } else {
      session.mailbox().run(() -> session.end(visit, reply));
    }
  }

  /** Whether new sessions are let in: false while draining. */
  public boolean isAccepting() {
    return accepting;
  }

  /**
   * Looks at the sessions, at most so many, for so long, without holding any of them up.
   *
   * @param done called once, from any thread
   */
  public void survey(int most, Duration limit, Consumer<List<SessionSnapshot>> done) {
    List<Session> some = sessions.values().stream().limit(most).toList();
    Survey.of(some, environment.timers(), limit.toMillis(), done);
  }

  /**
   * Looks at those that a log line may mean: one as a rule, none if it is over.
   *
   * @param hash as log lines name a session
   */
  public void look(String hash, Duration limit, Consumer<List<SessionSnapshot>> done) {
    Survey.of(named(hash), environment.timers(), limit.toMillis(), done);
  }

  /**
   * Ends the session that is named so, for an operator.
   *
   * @return how many are named so: only if it is one, it ends
   */
  public int end(String hash) {
    List<Session> named = named(hash);
    if (named.size() == 1) {
      Session session = named.get(0);
      session.mailbox().post(session::close);
    }
    return named.size();
  }

  private List<Session> named(String hash) {
    return sessions.values().stream().filter(session -> session.hash().equals(hash)).toList();
  }

  /** Sessions now. */
  public int size() {
    return count.get();
  }

  /** What cables and dials have shown of the ActionCable server. */
  public Cable.Health cableHealth() {
    return environment.dialer().health();
  }

  /** Cables that have been welcomed and aren't over. */
  public int cables() {
    return environment.dialer().live();
  }

  /** Bytes in all sessions' logs now. */
  public long logBytes() {
    return account.used(Kind.LOG);
  }

  /**
   * What a drain did.
   *
   * @param sessions how many were ended
   * @param aborted how many of them still had a listener when time was up
   * @param milliseconds how long it took
   */
  public record DrainReport(int sessions, int aborted, long milliseconds) {}

  /**
   * Says goodbye: first no new sessions, then, after the notice, every listener is told when to
   * come back and every cable is closed. Calls back within the notice and the drain's limit.
   */
  public void drain(Consumer<DrainReport> done) {
    accepting = false;
    long started = environment.timers().nanoTime();
    Limits.Drain drain = environment.limits().drain();
    environment.timers().after(drain.notice().toMillis(), () -> sayGoodbye(started, done));
  }

  /** Ends everything at once. */
  @Override
  public void close() {
    accepting = false;
    closed = true;
    for (Session session : List.copyOf(sessions.values())) {
      session.mailbox().run(session::abort);
    }
    for (Session session : List.copyOf(departing)) {
      session.mailbox().run(session::abort);
    }
  }

  /** Brings the request into its session's mailbox, or refuses it. */
  private void enter(
      Visit visit,
      boolean opens,
      int endedStatus,
      Consumer<Refusal> refuse,
      Consumer<Session> request,
      Runnable again) {
    Session session = sessions.get(visit.eventsId());
    if (session == null) {
      Refusal refusal = refusalToOpen(visit, opens, endedStatus);
      if (refusal == null && !takePlace()) {
        refusal = new Refusal(503, "too many sessions", 5);
      } else if (refusal == null && !addresses.take(visit.caller().address())) {
        count.decrementAndGet();
        refusal = new Refusal(503, "too many sessions from this address", 5);
      }
      if (refusal != null) {
        if (refusal.status() == 503 && accepting) {
          notices.tell(Notices.Kind.SESSION_REFUSED, "none", refusal.error());
        }
        refuse.accept(refusal);
        return;
      }
      session = open(visit);
    }
    Session found = session;
    found
        .mailbox()
        .run(
            () -> {
              if (found.isGone()) {
                again.run();
              } else {
                request.accept(found);
              }
            });
  }

  private Refusal refusalToOpen(Visit visit, boolean opens, int endedStatus) {
    Ended past = ended.get(visit.eventsId());
    if (past != null) {
      if (!past.admits(visit.caller())) {
        return new Refusal(403, "this session belonged to another caller");
      }
      return new Refusal(
          endedStatus, endedStatus == 204 ? null : "this session has ended for good");
    }
    if (!opens) {
      return new Refusal(404, "no such session: open it with a GET first");
    }
    if (!accepting) {
      return new Refusal(503, "the bridge is draining", 1);
    }
    if (!environment.dialer().accepts()) {
      return new Refusal(503, "too many sessions are being opened", 1);
    }
    return null;
  }

  /** Looks and counts in one, as many may come at once. */
  private boolean takePlace() {
    int most = environment.limits().maxSessions();
    return count.getAndUpdate(now -> now < most ? now + 1 : now) < most;
  }

  private Session open(Visit visit) {
    Session session = new Session(visit, newId(), home, environment, time, notices);
    Session other = sessions.putIfAbsent(visit.eventsId(), session);
    if (other != null) {
      count.decrementAndGet();
      addresses.giveBack(visit.caller().address());
      return other;
    }
    environment.observer().opened();
    if (!accepting) {
      // The drain, or the end, may have looked before this session was there to be seen.
      session.mailbox().run(session::abort);
    }
    return session;
  }

  /** 16 characters of 62: 95 random bits. */
  private String newId() {
    String alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    StringBuilder id = new StringBuilder(16);
    for (int i = 0; i < 16; i++) {
      id.append(alphabet.charAt(environment.random().nextInt(alphabet.length())));
    }
    return id.toString();
  }

  /**
   * Sessions that paused for others' sake learn that there is room again, and evict what they can.
   */
  private void reviewBudget() {
    long pressure = account.pressure();
    if (pressure != seenPressure) {
      seenPressure = pressure;
      // Histories fill what there is wherever enough is said; that they go is nothing to be told.
      if (account.unread() > account.limit(Kind.LOG) / 2) {
        notices.tell(
            Notices.Kind.LOG_BUDGET_EXCEEDED,
            "none",
            account.unread() + " bytes in all logs together have yet to be read");
      }
      sessions.values().forEach(session -> session.mailbox().post(session::budgetChanged));
    }
    if (!closed) {
      environment.timers().after(REVIEW_MILLIS, this::reviewBudget);
    }
  }

  private void sayGoodbye(long started, Consumer<DrainReport> done) {
    List<Session> all = List.copyOf(sessions.values());
    Limits.Drain drain = environment.limits().drain();
    long spread = drain.retryTo().toMillis() - drain.retryFrom().toMillis();
    for (Session session : all) {
      long retry = drain.retryFrom().toMillis() + environment.random().nextLong(spread + 1);
      session.mailbox().post(() -> session.drain(retry));
    }
    long deadline = environment.timers().nanoTime() + drain.limit().toNanos();
    awaitDepartures(all.size(), started, deadline, done);
  }

  private void awaitDepartures(int total, long started, long deadline, Consumer<DrainReport> done) {
    long now = environment.timers().nanoTime();
    List<Session> left = List.copyOf(departing);
    if (sessions.isEmpty() && left.isEmpty() || now >= deadline) {
      left.forEach(session -> session.mailbox().post(session::abort));
      DrainReport report = new DrainReport(total, left.size(), (now - started) / 1_000_000);
      LOG.info("event=drained sessions={} aborted={}", report.sessions(), report.aborted());
      done.accept(report);
    } else {
      environment.timers().after(100, () -> awaitDepartures(total, started, deadline, done));
    }
  }

  private final class Departures implements Session.Home {
    @Override
    public void gone(Session session, boolean forGood) {
      if (forGood && ended.size() < MOST_REMEMBERED) {
        String eventsId = session.eventsId();
        Ended past = new Ended(session.binding());
        ended.put(eventsId, past);
        environment.timers().after(REMEMBER_MILLIS, () -> ended.remove(eventsId, past));
      }
      departing.add(session);
      if (sessions.remove(session.eventsId(), session)) {
        count.decrementAndGet();
        addresses.giveBack(session.address());
      }
    }

    @Override
    public void emptied(Session session) {
      departing.remove(session);
    }
  }
}
