package cablestream.session;

import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.List;
import java.util.Locale;

/**
 * What the bridge holds for one events-id: a cable, a log of its events, and those who listen.
 * Every method but the constructor runs inside the session's mailbox.
 */
final class Session implements Cable.Owner, Listeners.Owner {
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
  private final WaitingRequests waiting;
  private SessionState state = SessionState.NEW;

  /** The request that opened the session, until it has been dealt with. */
  private Request opener;

  /** Whether the server has ever welcomed it. */
  private boolean welcomed;

  /**
   * @param holder holds what {@link #takePlace} has taken
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
    cable = environment.dialer().cable(this, mailbox, mode == Mode.TUNNEL);
    cableSender = new CableSender(cable, log, holder, caller.dial().size());
    EventPublisher events = new EventPublisher(encoder, log, listeners, observer);
    SessionContext context =
        new SessionContext(environment, mailbox, holder, events, cableSender, this::breakOff);
    protocol =
        mode == Mode.TUNNEL
            ? new Tunnel(context, caller.dial().protocols().get(0))
            : new Channels(context, eventsId);
    arrivals = new Arrivals(context, sessionId, sessionOwner, mode, log, listeners, protocol);
    linger = context.alarm();
    waiting = new WaitingRequests(holder, limits().maxUnsentBytes());
  }

  /** Takes what a session needs at first, unless there is no memory for one more. */
  static boolean takePlace(Holder holder, SessionRequest sessionRequest) {
    return holder.take(Kind.SESSION, SessionWeights.SESSION)
        && holder.take(Kind.HEADERS, sessionRequest.caller().dial().size());
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

  SessionOwner sessionOwner() {
    return sessionOwner;
  }

  // ---- requests ----

  /** The first request, before anybody else can find the session: dials for its caller. */
  void open(Request request) {
    opener = request;
    state = state.become(mode == Mode.TUNNEL ? SessionState.LIVE : SessionState.OPENING);
    if (request.sessionRequest().isHopeless()) {
      breakOff(protocol.unresumable());
    }
    receive(request);
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
    return waiting.mayHold(length) ? null : WaitingRequests.TOO_MANY;
  }

  /** A request arrives: the state decides what becomes of it, here and nowhere else. */
  void receive(Request request) {
    assert mailbox.isInside();
    if (state == SessionState.GONE) {
      mailbox.defer(() -> sessionListener.strayed(request));
      return;
    }
    Refusal refusal = arrivals.refusal(request.sessionRequest());
    if (refusal != null) {
      request.refuse(refusal);
    } else if (state == SessionState.LEAVING && mode == Mode.CHANNELS && request.opens()) {
      request.refuse(limits().drain().refusal(environment.random()));
    } else if (state == SessionState.OPENING) {
      waiting.add(request);
    } else {
      serve(request);
    }
  }

  /** The session is LIVE, or LEAVING or ENDED with somebody who may not have heard it yet. */
  private void serve(Request request) {
    boolean opens = request == opener;
    if (opens) {
      opener = null;
    }
    arrivals.serve(request, opens, state == SessionState.ENDED);
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
    int streams = listeners.streamCount();
    DialRequest request = cable.request();
    return new SessionSnapshot(
        hash(),
        mode.name().toLowerCase(Locale.ROOT),
        address,
        request == null ? null : request.header("User-Agent"),
        cableWord(),
        (environment.timers().nanoTime() - openedAt) / 1_000_000_000,
        streams,
        listeners.count() - streams,
        log.end(),
        log.backlogEvents(),
        log.backlogBytes(),
        log.bytes(),
        cable.unsentBytes(),
        protocol.channels());
  }

  private String cableWord() {
    if (state == SessionState.NEW || state == SessionState.OPENING) {
      return "dialling";
    } else if (!state.hasCable()) {
      return "closed";
    } else if (!cable.isOpen()) {
      return "down";
    }
    return log.isFull() ? "paused" : "open";
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
    waiting.takeAll().forEach(request -> request.refuse(ending.ofWaiting()));
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

  // ---- Cable.Owner ----

  @Override
  public void welcomed(boolean again) {
    assert mailbox.isInside();
    welcomed = true;
    if (state == SessionState.OPENING) {
      state = state.become(SessionState.LIVE);
    }
    protocol.welcomed(again);
    waiting.takeAll().forEach(this::receive);
    lingerUnlessHeard();
    demandIfRoom();
  }

  @Override
  public void confirmed(String identifier) {
    protocol.confirmed(identifier);
    demandIfRoom();
  }

  @Override
  public void rejected(String identifier) {
    protocol.rejected(identifier);
    demandIfRoom();
  }

  @Override
  public void received(String identifier, byte[] frame, int from, int to) {
    assert mailbox.isInside();
    protocol.received(identifier, frame, from, to);
    demandIfRoom();
  }

  @Override
  public void frame(byte[] text) {
    assert mailbox.isInside();
    protocol.frame(text);
    demandIfRoom();
  }

  @Override
  public void unreadable(String why) {
    rateLimitedLog.tell(RateLimitedLog.Kind.FRAME_DROPPED, hash(), why);
    if (mode == Mode.CHANNELS) {
      observer.gap(1L);
    }
    protocol.unreadable(why);
    demandIfRoom();
  }

  @Override
  public void dropped(String reason) {
    rateLimitedLog.tell(RateLimitedLog.Kind.CABLE_LOST, hash(), reason);
    observer.cableLost(reason);
    protocol.dropped(reason);
  }

  @Override
  public void ended(CableEnding ending) {
    end(
        state == SessionState.OPENING
            ? SessionEnding.dialFailed(ending)
            : SessionEnding.cable(ending));
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

  private void demandIfRoom() {
    if (state == SessionState.LIVE) {
      cableSender.demandIfRoom();
    }
  }

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
