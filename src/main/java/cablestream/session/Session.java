package cablestream.session;

import cablestream.browser.Caller;
import cablestream.browser.CommandReply;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.EventPublisher;
import cablestream.delivery.LastEvents;
import cablestream.delivery.Listeners;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.environment.SessionWeights;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.protocol.CableSender;
import cablestream.protocol.Protocol;
import cablestream.protocol.Protocols;
import cablestream.protocol.SessionContext;

/**
 * What the bridge holds for one events-id: a cable, a log of its events, and those who listen.
 * Every method but the constructor runs inside the session's mailbox.
 */
final class Session {
  private final SessionIdentity identity;
  private final SessionContext context;
  private final SessionListener sessionListener;
  private final Mailbox mailbox;
  private final SessionOwner sessionOwner;
  private final EventLog log;
  private final Listeners listeners;
  private final Cable cable;
  private final Protocol protocol;
  private final Arrivals arrivals;
  private final Linger linger;
  private SessionState state = SessionState.NEW;

  /** Whether the server has ever welcomed it. */
  private boolean welcomed;

  /**
   * @param holder what a session takes at first is taken already
   */
  Session(
      SessionRequest sessionRequest,
      String sessionId,
      Holder holder,
      SessionListener sessionListener,
      Environment environment,
      EventTime time,
      RateLimitedLog rateLimitedLog) {
    Caller caller = sessionRequest.caller();
    identity = SessionIdentity.of(sessionRequest, sessionId, environment.timers().nanoTime());
    this.sessionListener = sessionListener;
    mailbox = new Mailbox(environment.pool());
    sessionOwner = new SessionOwner(caller);
    Limits limits = environment.limits();
    log = new EventLog(limits.logEvents(), limits.logBytes(), environment.account());
    EventEncoder encoder = new EventEncoder(sessionId, time, log.room());
    Observer observer = environment.observer();
    ListenerEvents told = new ListenerEvents(this, identity, encoder, observer, rateLimitedLog);
    listeners = new Listeners(told, log, mailbox, holder, environment);
    CableEvents heard = new CableEvents(this, identity, observer, rateLimitedLog);
    cable = environment.dialer().cable(heard, mailbox, Protocols.reader(identity.mode()));
    context =
        new SessionContext(
            environment,
            mailbox,
            holder,
            new EventPublisher(encoder, log, listeners, observer),
            new CableSender(cable, log, holder, caller.dial().size()),
            last -> end(SessionEnding.broken(last)));
    protocol = Protocols.of(identity.mode(), context, identity.eventsId(), caller.dial());
    arrivals = new Arrivals(context, identity, sessionOwner, log, listeners, protocol);
    linger = new Linger(context, listeners, () -> end(SessionEnding.LINGER));
  }

  /** What is held for it. */
  Holder holder() {
    return context.holder();
  }

  SessionIdentity identity() {
    return identity;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /** What it speaks. */
  Protocol protocol() {
    return protocol;
  }

  SessionOwner sessionOwner() {
    return sessionOwner;
  }

  // ---- requests ----

  /** The first request, before anybody else can find the session: dials for its caller. */
  void open(Request request) {
    state = state.become(protocol.waitsForWelcome() ? SessionState.OPENING : SessionState.LIVE);
    if (request.sessionRequest().isHopeless()) {
      end(SessionEnding.broken(protocol.unresumable()));
    }
    arrivals.opens(request, state);
    if (state.hasCable()) {
      cable.open(request.sessionRequest().caller().dial(), request.openedBy());
    }
    linger.unlessHeard(state);
  }

  /** As {@link Arrivals#refusalUnread}. Any thread. */
  Refusal refusalUnread(long length) {
    return arrivals.refusalUnread(length);
  }

  /** A request arrives, after the first. */
  void receive(Request request) {
    assert mailbox.isInside();
    if (state == SessionState.GONE) {
      mailbox.defer(() -> sessionListener.strayed(request));
      return;
    }
    arrivals.receive(request, state);
    linger.unlessHeard(state);
  }

  /** DELETE or the farewell arrives. */
  void delete(SessionRequest sessionRequest, CommandReply reply) {
    Refusal refusal = state.hasCable() ? arrivals.refusal(sessionRequest) : null;
    if (refusal == null) {
      end(SessionEnding.CLIENT);
    }
    reply.refused(refusal == null ? new Refusal(204, null) : refusal);
  }

  /** What an operator may know; null where there is nothing any more. */
  SessionSnapshot snapshot() {
    assert mailbox.isInside();
    return state == SessionState.GONE
        ? null
        : SessionSnapshot.of(identity, context.nanoTime(), state, log, listeners, cable, protocol);
  }

  // ---- the end ----

  /** The bridge drains after its notice. */
  void drainAhead() {
    if (state == SessionState.LIVE) {
      protocol.drainAhead();
    }
  }

  /**
   * The one way to end, whatever the reason: {@link SessionEnding} says what follows. One that
   * comes too late, after another, changes nothing.
   */
  void end(SessionEnding ending) {
    assert mailbox.isInside();
    if (!ending.from().contains(state)) {
      return;
    }
    boolean wasLive = state == SessionState.LIVE;
    LastEvents last = ending.lastEvents() == null ? null : ending.lastEvents().apply(protocol);
    if (ending.isForetold(state) && cable.isOpen()) {
      state = state.become(SessionState.LEAVING);
      listeners.finishAll(last);
      linger.set(context.limits().drain().lastCommands().toMillis(), () -> end(ending));
      return;
    }
    if (state.hasCable() || state == SessionState.NEW) {
      leave(ending);
    } else if (state == SessionState.ENDED) {
      state = state.become(ending.next());
    }
    if (last == null) {
      forget();
      return;
    }
    if (wasLive) {
      listeners.finishAll(last);
    }
    if (ending.isForGood()) {
      linger.set(context.limits().linger().toMillis(), this::forget);
      // Not now: a request that ended the session has yet to hear of it.
      mailbox.run(this::settle);
    } else {
      settle();
    }
  }

  /** Whoever waits is told, the cable is closed, and the place is free. */
  private void leave(SessionEnding ending) {
    state = state.become(ending.next());
    context.holder().giveBack(Kind.SESSION, SessionWeights.SESSION);
    listeners.keepNoSpare();
    if (ending.isForGood()) {
      context.holder().force(Kind.ENDED, SessionWeights.OBJECTS);
    }
    sessionListener.left(this, ending.isForGood());
    context.observer().ended(ending.kind());
    linger.clear();
    arrivals.takeWaiting().forEach(request -> request.refuse(ending.ofWaiting()));
    protocol.close();
    cable.close(ending.closeCode(), ending.closeReason());
  }

  /** Nobody may be left: keeps what somebody may still come for, and forgets the rest. */
  private void settle() {
    if (state.hasCable() || !listeners.isDeserted()) {
      return;
    }
    boolean told = listeners.isLastTold();
    if (state == SessionState.ENDED && !(told && log.bytes() == 0)) {
      sessionListener.lingers(this, welcomed && !told);
    } else {
      forget();
    }
  }

  /** One that ended for good has to make room for others. */
  void makeRoom() {
    if (state == SessionState.ENDED && listeners.isDeserted()) {
      forget();
    }
  }

  private void forget() {
    if (state != SessionState.GONE) {
      state = state.become(SessionState.GONE);
    }
    linger.clear();
    listeners.abortAll();
    log.discard();
    context.holder().close();
    sessionListener.forgotten(this);
  }

  /** Memory is short, or not any more. */
  void budgetChanged() {
    log.evict();
    demandIfRoom();
  }

  // ---- the cable ----

  void welcomed(boolean again) {
    assert mailbox.isInside();
    welcomed = true;
    if (state == SessionState.OPENING) {
      state = state.become(SessionState.LIVE);
    }
    protocol.welcomed(again);
    arrivals.takeWaiting().forEach(this::receive);
    linger.unlessHeard(state);
    demandIfRoom();
  }

  void cableEnded(CableEnding ending) {
    end(
        state == SessionState.OPENING
            ? SessionEnding.dialFailed(ending)
            : SessionEnding.cable(ending));
  }

  /** Reads on, unless the log is full. */
  void demandIfRoom() {
    if (state == SessionState.LIVE) {
      context.cable().demandIfRoom();
    }
  }

  // ---- the listeners ----

  void lastListenerLeft() {
    linger.again(state);
  }

  /** Not even one is left that was replaced. */
  void deserted() {
    if (!state.hasCable()) {
      mailbox.run(this::settle);
    }
  }
}
