package cablestream.session;

import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.List;

/**
 * What the bridge holds for one events-id: a cable, a log of its events, and those who listen.
 * Every method but the constructor runs inside the session's mailbox.
 */
final class Session implements Listeners.Owner {
  private final String eventsId;
  private final String sessionId;
  private final String address;
  private final Mode mode;
  private final SessionListener sessionListener;
  private final Environment environment;
  private final Observer observer;
  private final RateLimitedLog rateLimitedLog;
  private final long openedAt;
  private final Holder holder;
  private final Mailbox mailbox;
  private final SessionOwner sessionOwner;
  private final EventEncoder encoder;
  private final EventLog log;
  private final Listeners listeners;
  private final Cable cable;
  private final CableSender cableSender;
  private final Protocol protocol;
  private final Arrivals arrivals;
  private final Alarm linger;
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
    this.eventsId = sessionRequest.eventsId();
    this.sessionId = sessionId;
    this.address = caller.address();
    this.mode = sessionRequest.mode();
    this.holder = holder;
    this.sessionListener = sessionListener;
    this.environment = environment;
    this.rateLimitedLog = rateLimitedLog;
    mailbox = new Mailbox(environment.pool());
    sessionOwner = new SessionOwner(caller);
    log = new EventLog(limits().logEvents(), limits().logBytes(), environment.account());
    encoder = new EventEncoder(sessionId, time, log.room());
    observer = environment.observer();
    openedAt = environment.timers().nanoTime();
    listeners = new Listeners(this, log, mailbox, holder, environment);
    boolean tunnel = mode == Mode.TUNNEL;
    CableEvents heard = new CableEvents(this, tunnel, observer, rateLimitedLog);
    cable = environment.dialer().cable(heard, mailbox, tunnel);
    cableSender = new CableSender(cable, log, holder, caller.dial().size());
    EventPublisher events = new EventPublisher(encoder, log, listeners, observer);
    SessionContext context =
        new SessionContext(environment, mailbox, holder, events, cableSender, this::breakOff);
    protocol =
        tunnel
            ? new Tunnel(context, caller.dial().protocols().get(0))
            : new Channels(context, eventsId);
    arrivals = new Arrivals(context, sessionId, sessionOwner, mode, log, listeners, protocol);
    linger = context.alarm();
  }

  /** What is held for it. */
  Holder holder() {
    return holder;
  }

  String eventsId() {
    return eventsId;
  }

  /** The client address that the session is counted for. */
  String address() {
    return address;
  }

  String sessionId() {
    return sessionId;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /** What it speaks. */
  Protocol protocol() {
    return protocol;
  }

  Mode mode() {
    return mode;
  }

  /** How long ago it was opened. */
  long ageSeconds() {
    return (environment.timers().nanoTime() - openedAt) / 1_000_000_000;
  }

  SessionOwner sessionOwner() {
    return sessionOwner;
  }

  // ---- requests ----

  /** The first request, before anybody else can find the session: dials for its caller. */
  void open(Request request) {
    state = state.become(mode == Mode.TUNNEL ? SessionState.LIVE : SessionState.OPENING);
    if (request.sessionRequest().isHopeless()) {
      breakOff(protocol.unresumable());
    }
    arrivals.opens(request, state);
    if (state.hasCable()) {
      cable.open(request.sessionRequest().caller().dial(), request.openedBy());
    }
    lingerUnlessHeard();
  }

  /**
   * Why a POST had better not be read, as it would only be refused; null for no reason. Any thread.
   *
   * @param length of its body, in bytes, or less
   */
  Refusal refusalUnread(long length) {
    return arrivals.refusalUnread(length);
  }

  /** A request arrives: the state decides what becomes of it, here and nowhere else. */
  void receive(Request request) {
    assert mailbox.isInside();
    if (state == SessionState.GONE) {
      mailbox.defer(() -> sessionListener.strayed(request));
      return;
    }
    arrivals.receive(request, state);
    lingerUnlessHeard();
  }

  /** DELETE or the farewell arrives. */
  void delete(SessionRequest sessionRequest, CommandReply reply) {
    Refusal refusal = state.hasCable() ? arrivals.refusal(sessionRequest) : null;
    if (refusal == null) {
      end(SessionEnding.CLIENT);
    }
    reply.refused(refusal == null ? new Refusal(204, null) : refusal);
  }

  /** What an operator may know. */
  SessionSnapshot snapshot() {
    assert mailbox.isInside();
    return SessionSnapshot.of(this, state, log, listeners, cable);
  }

  boolean isGone() {
    return state == SessionState.GONE;
  }

  // ---- the end ----

  /** The bridge drains after its notice. */
  void drainAhead() {
    if (state == SessionState.LIVE) {
      protocol.drainAhead();
    }
  }

  private void breakOff(Event last) {
    end(SessionEnding.broken(last));
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
    boolean listened = state == SessionState.LIVE || state == SessionState.OPENING;
    LastEvents last = ending.lastEvents() == null ? null : ending.lastEvents().apply(protocol);
    if (ending.isForetold(state) && cable.isOpen()) {
      state = state.become(SessionState.LEAVING);
      listeners.finishAll(last);
      linger.set(limits().drain().lastCommands().toMillis(), () -> end(ending));
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
    if (listened) {
      listeners.finishAll(last);
    }
    if (ending.isForGood()) {
      linger.set(limits().linger().toMillis(), this::forget);
      // Not now: a request that ended the session has yet to hear of it.
      mailbox.run(this::settle);
    } else {
      settle();
    }
  }

  /** Whoever waits is told, the cable is closed, and the place is free. */
  private void leave(SessionEnding ending) {
    state = state.become(ending.next());
    holder.giveBack(Kind.SESSION, SessionWeights.SESSION);
    listeners.keepNoSpare();
    if (ending.isForGood()) {
      holder.force(Kind.ENDED, SessionWeights.OBJECTS);
    }
    sessionListener.left(this, ending.isForGood());
    observer.ended(ending.kind());
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
    holder.close();
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
    lingerUnlessHeard();
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
      cableSender.demandIfRoom();
    }
  }

  // ---- Listeners.Owner ----

  @Override
  public void cursorsMoved() {
    demandIfRoom();
  }

  @Override
  public void lastListenerLeft() {
    if (state == SessionState.LIVE) {
      // A poll that was answered at once has come and gone within the linger before it.
      linger.clear();
      lingerUnlessHeard();
    }
  }

  @Override
  public void deserted() {
    if (!state.hasCable()) {
      mailbox.run(this::settle);
    }
  }

  @Override
  public byte[] joinedAt(long position) {
    return encoder.joined(position, eventsId, null).bytes();
  }

  @Override
  public void stalled(long milliseconds) {
    rateLimitedLog.tell(
        RateLimitedLog.Kind.LISTENER_STALLED, hash(), "took nothing for " + milliseconds + " ms");
    observer.stalled();
  }

  @Override
  public Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return new Listener.PollAnswer(sessionId, events, dropped, queueLength, protocol.channels());
  }

  // ---- inside ----

  private void lingerUnlessHeard() {
    if (state != SessionState.LIVE) {
      return;
    }
    if (!listeners.isEmpty()) {
      linger.clear();
    } else if (!linger.isSet()) {
      linger.set(limits().linger().toMillis(), () -> end(SessionEnding.LINGER));
    }
  }

  private Limits limits() {
    return environment.limits();
  }

  /** What log lines and operators name it by; any thread. */
  String hash() {
    return Digest.of(sessionId).hex(4);
  }
}
