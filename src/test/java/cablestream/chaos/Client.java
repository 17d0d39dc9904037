package cablestream.chaos;

import cablestream.support.wire.RawRequest;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in a browser: it listens by its transport on one thread, and posts commands on another.
 * This class has what both need, and how the page processes an event.
 */
abstract class Client {
  /** The reason of a disconnect frame names the life that it ended; see {@link NumberingCable}. */
  private static final Pattern ENDED_LIFE = Pattern.compile(":(\\d+)$");

  /** The reasons for closing a session after which its id may be used again. */
  private static final Set<String> JOINED_AGAIN = Set.of("replaced", "drained", "ended", "moved");

  private static final int LATE_MILLIS = 1_000;

  final Ledger account;
  final Network network;
  final Faults faults;
  final Random random;
  final Mutation.Instance mutation;
  private volatile String eventsId = UUID.randomUUID().toString();

  /** The session that the page knows to be its own; null while it knows none. */
  private volatile String sessionId;

  private volatile boolean subscriptionDue;
  private volatile boolean stopped;

  /** Whether anything has arrived since the current request was sent. */
  private volatile boolean heard;

  /** Whether the page itself has closed its connection for listening. */
  private volatile boolean reopens;

  /** The connection by which it listens; null before the first. */
  private volatile Socket listening;

  // Confined to the listening thread.

  /** The last received event; null for none. */
  private String cursor;

  /** Whether the present request was sent with a cursor. */
  private boolean cameWithCursor;

  /** When the present request was sent. */
  private long askedAt;

  /** The latest time at which its session certainly existed. */
  private long heardAt;

  /** How often all sessions had been ended when it joined its own. */
  private int uprootings;

  Client(Ledger account, Network network, Faults faults, Random random, Mutation mutation) {
    this.account = account;
    this.network = network;
    this.faults = faults;
    this.random = random;
    this.mutation = mutation.instance();
  }

  /** Listens until {@link #isStopped}. */
  abstract void listen();

  final void start() {
    NumberingServer.start(
        "listener",
        () -> {
          try {
            listen();
          } catch (RuntimeException e) {
            account.events().wrong("the client doesn't understand: " + e);
          }
        });
  }

  final void stop() {
    stopped = true;
    hangUp();
  }

  /** Closes the connection by which it listens; it then reconnects unless it is stopped. */
  final void hangUp() {
    Socket open = listening;
    if (open != null) {
      Network.close(open);
    }
  }

  /**
   * Replaces an open EventSource by a new one. A connection without a response yet continues, as
   * does a poll.
   */
  final void reopen() {
    if (heard) {
      reopens = true;
      hangUp();
    }
  }

  /** Sends a request for listening. */
  final Socket open(RawRequest request) throws IOException {
    listening = request.open();
    return listening;
  }

  final boolean isStopped() {
    return stopped;
  }

  final String eventsId() {
    return eventsId;
  }

  final String sessionId() {
    return sessionId;
  }

  final String cursor() {
    return cursor;
  }

  /** Whether a command may be sent before the subscription's confirmation was seen. */
  boolean maySend() {
    return true;
  }

  final boolean isSubscriptionDue() {
    return subscriptionDue;
  }

  /** A session accepted the page's subscribe. */
  final void subscribed(String session) {
    if (session.equals(sessionId)) {
      subscriptionDue = false;
    }
  }

  // ---- the listening thread ----

  /** The page knows that its session has ended for good, and uses another id. */
  final void beginAnew(String why) {
    account.events().beganAnew(why);
    sessionId = null;
    cursor = null;
    subscriptionDue = false;
    eventsId = UUID.randomUUID().toString();
  }

  /** A request is sent with this cursor; null for none. */
  final void startsFrom(String sent) {
    cameWithCursor = sent != null;
    askedAt = System.nanoTime();
    heard = false;
    asksAgain();
  }

  /** The page learns from an event or a response which session it has joined. */
  final void belongsTo(String session) {
    belongsTo(session, !session.equals(sessionId));
  }

  final void belongsTo(String session, boolean mustSubscribe) {
    if (!session.equals(sessionId)) {
      if (sessionId != null && !faults.mayHaveUprooted(uprootings) && !wasAway()) {
        account
            .events()
            .wrong(
                "its session %s is gone, which was there %d ms ago"
                    .formatted(sessionId, millisSinceHeard()));
      }
      uprootings = faults.uprootings();
    }
    subscriptionDue |= mustSubscribe;
    sessionId = session;
    stillHears();
  }

  /**
   * Something was received: the session existed when the request was sent, and possibly no longer.
   */
  void stillHears() {
    wasThere(askedAt);
  }

  final void wasThere(long nanoTime) {
    heardAt = Math.max(askedAt, nanoTime);
    heard = true;
  }

  /** Notes a late request in the trace, because the session may have ended by then. */
  private void asksAgain() {
    if (heardAt != 0 && millisSinceHeard() > LATE_MILLIS) {
      account.trace().add("client: asks again after " + millisSinceHeard() + " ms");
    }
  }

  private boolean wasAway() {
    return millisSinceHeard() > ChaosRun.LINGER.toMillis();
  }

  private long millisSinceHeard() {
    return (System.nanoTime() - heardAt) / 1_000_000;
  }

  /**
   * Processes an event.
   *
   * @return false if the listener must stop here and start again
   */
  final boolean hear(Heard arrived) {
    boolean goesOn = true;
    for (Heard event : mutation.events(arrived)) {
      goesOn &= take(event);
    }
    return goesOn;
  }

  /** Processes an event; false if the listener must stop here. */
  boolean take(Heard event) {
    if (event.isLast()) {
      over(event.json().getString("reason"));
      return false;
    }
    if (event.isReceived()) {
      Heard.Message message = event.message();
      received(event, message);
    } else {
      understand(event);
    }
    moveTo(event);
    return true;
  }

  /** Makes the event the last received one. */
  final void moveTo(Heard event) {
    cursor = event.id();
  }

  final void received(Heard event, Heard.Message message) {
    boolean intact =
        Payload.isIntact(message.text(), account.session(), message.life(), message.number());
    account
        .events()
        .received(event.session(), event.number(), message.life(), message.number(), intact);
  }

  private void understand(Heard event) {
    EventLedger ledger = account.events();
    String session = event.session();
    switch (event.kind()) {
      case "joined" -> joined(event);
      case "gap" ->
          ledger.gap(
              session,
              event.number(),
              event.json().isNull("dropped")
                  ? null
                  : event.json().getJsonNumber("dropped").longValue());
      case "connected" -> ledger.connected(session, event.number());
      case "disconnected" -> {
        String reason = event.json().getJsonObject("message").getString("reason");
        disconnected(session, event.number(), reason);
        subscriptionDue |= reason.equals("unconfirmed");
      }
      default -> ledger.passed(session, event.number());
    }
  }

  private void joined(Heard event) {
    JsonObject json = event.json();
    if (json.containsKey("resumed")) {
      boolean resumed = json.getBoolean("resumed");
      account.events().joined(event.session(), event.number(), resumed, cameWithCursor);
      belongsTo(event.session());
      cameWithCursor = true;
    } // otherwise another client has joined
  }

  final void disconnected(String session, long number, String reason) {
    Matcher ended = ENDED_LIFE.matcher(reason);
    account
        .events()
        .disconnected(session, number, reason, ended.find() ? Integer.parseInt(ended.group(1)) : 0);
  }

  /** A {@code closed}: some sessions may be joined again, others have ended for good. */
  private void over(String reason) {
    account.trace().add("client: closed " + reason);
    if (!JOINED_AGAIN.contains(reason)) {
      beginAnew("closed " + reason);
    }
  }

  /**
   * Waits before the next request, as an EventSource does after each lost and each failed
   * connection (HTML, 9.2.3: reestablish the connection). A new EventSource connects at once.
   */
  final void pauseBeforeReconnecting(long retryMillis) {
    boolean isNew = reopens;
    reopens = false;
    pause(isNew ? 0 : (int) retryMillis);
  }

  /** Waits, unless the page is being closed. */
  final void pause(int millis) {
    try {
      Thread.sleep(stopped ? 0 : millis);
    } catch (InterruptedException e) {
      stopped = true;
    }
  }
}
