package cablestream.session;

import cablestream.browser.Caller;
import cablestream.browser.CommandReply;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.AttachedPoll;
import cablestream.delivery.AttachedStream;
import cablestream.delivery.LastEvents;
import cablestream.delivery.Listeners;
import cablestream.delivery.ListenersOwner;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.environment.SessionWeights;
import cablestream.environment.Transitions;
import cablestream.environment.Transitions.Step;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.log.LastEventId;
import cablestream.log.ResumePoint;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.protocol.CommandExecutor;
import cablestream.protocol.Outgoing;
import cablestream.protocol.Protocol;
import cablestream.protocol.Protocols;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A session: a cable, a log of its events, and its listeners. It admits requests, determines where
 * in the log each listener starts and its greeting (protocol section 6), receives events of its
 * cable and listeners, and ends. Methods run inside the session's mailbox, except the accessors and
 * those marked "Any thread".
 */
final class Session implements Cable.Owner, ListenersOwner {
  /**
   * A client reconnects within this time after a poll, or after its stream failed ({@code retry} is
   * 1 s by default).
   */
  private static final long RETURN_NANOS = Duration.ofSeconds(5).toNanos();

  /** The same after a first poll that was answered at once. */
  private static final long FIRST_RETURN_NANOS = Duration.ofMillis(250).toNanos();

  private static final Refusal OF_ANOTHER =
      new Refusal(403, "this session belongs to another caller");

  private static final Refusal NOT_MEANT =
      new Refusal(
          409,
          "another session has this events-id now: send it again, or, once a listener has joined"
              + " that one, subscribe there",
          1);

  private final SessionIdentity identity;
  private final SessionOwner sessionOwner;
  private final Holder holder;
  private final SessionListener sessionListener;
  private final Environment environment;
  private final Limits limits;
  private final Observer observer;
  private final RateLimitedLog rateLimitedLog;
  private final Mailbox mailbox;

  private final EventLog log;
  private final EventEncoder encoder;
  private final Listeners listeners;
  private final Cable cable;
  private final Protocol protocol;
  private final CommandExecutor commandExecutor;
  private final Listener.Acceptance acceptance;
  private final Transitions transitions;
  private final WaitingRequests waiting;

  /**
   * While there are no listeners, limits that time; while LEAVING, ends the session; once ENDED,
   * limits the time in which clients can still receive the last event.
   */
  private final Alarm linger;

  private SessionState state = SessionState.NEW;

  /** Whether the server has ever sent a welcome. */
  private boolean welcomed;

  /** Since when it is live, and since when it has no listeners; by the timers' clock. */
  private long liveSince;

  private long detachedSince;

  /**
   * Whether commands were carried out that didn't name it, and no listener has come since with a
   * cursor of this session: they may have been meant for another session of its events-id.
   */
  private boolean unnamed;

  /** The request that opened the session, until it has been answered. */
  private Request opener;

  private Observer.OpenedBy openedBy;

  /** Whether the latest listener was a poll: the next one is then no transition. */
  private boolean polled;

  /** What the next dial sends; its size is reserved. */
  private DialRequest dial;

  /**
   * @param holder has reserved the session's initial memory already
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
    sessionOwner = new SessionOwner(caller);
    liveSince = identity.openedAt();
    this.holder = holder;
    this.sessionListener = sessionListener;
    this.environment = environment;
    limits = environment.limits();
    observer = environment.observer();
    this.rateLimitedLog = rateLimitedLog;
    mailbox = new Mailbox(environment.execution().pool(), this::readOn);
    log = new EventLog(limits.logs().events(), limits.logs().bytes(), environment.account());
    encoder = new EventEncoder(sessionId, time, log);
    listeners = new Listeners(this, log, mailbox, holder, environment);
    cable = environment.dialer().cable(this, mailbox, Protocols.reader(identity.mode()));
    dial = caller.dial();
    transitions = new Transitions(environment.execution().clock(), sessionId);
    protocol =
        Protocols.of(
            sessionRequest,
            environment,
            mailbox,
            holder,
            new Outgoing(cable, log, holder, limits.commands().maxUnsentBytes()),
            listeners,
            encoder,
            transitions,
            last -> end(SessionEnding.broken(last)));
    commandExecutor = new CommandExecutor(environment, mailbox, holder, protocol, transitions);
    acceptance = new Listener.Acceptance(sessionId, identity.hash(), caller.origin(), holder);
    waiting =
        new WaitingRequests(
            holder, limits.commands().maxUnsentBytes(), environment.responseBytes());
    linger = new Alarm(environment.timers(), mailbox);
  }

  /** The session's memory. */
  Holder holder() {
    return holder;
  }

  SessionIdentity identity() {
    return identity;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  SessionOwner sessionOwner() {
    return sessionOwner;
  }

  // ---- requests ----

  /**
   * The first request, before other threads can find the session: dials for its caller.
   *
   * @param unresumable whether it only receives its last event, as its cursor can't be resumed
   */
  void open(Request request, boolean unresumable) {
    state = state.become(protocol.waitsForWelcome() ? SessionState.OPENING : SessionState.LIVE);
    if (unresumable) {
      end(SessionEnding.broken(protocol.unresumable()));
    }
    opener = request;
    openedBy = request.openedBy();
    transitions.opened(request.sessionRequest().transport(), dial::requestId);
    admit(request);
    if (state.hasCable()) {
      cable.open(dial, identity.address());
    }
    lingerIfDetached();
  }

  /** The refusal of a POST of such a length; null if it is accepted. Any thread. */
  Refusal refusalUnread(long length) {
    return waiting.accepts(length) ? null : WaitingRequests.TOO_MANY;
  }

  /** A later request. */
  void receive(Request request) {
    assert mailbox.isInside();
    if (state == SessionState.GONE) {
      mailbox.defer(() -> sessionListener.requestAfterEnd(request));
      return;
    }
    admit(request);
    lingerIfDetached();
  }

  /** Decides by the state what happens to a request; no other method does. */
  private void admit(Request request) {
    Refusal refusal = refusal(request.sessionRequest());
    if (refusal != null) {
      transitions.record(Step.REQUEST_REFUSED, refusal.status());
      request.refuse(refusal);
    } else if (state == SessionState.LEAVING
        && protocol.comesBack()
        && request instanceof Request.Stream) {
      request.refuse(draining());
    } else if (state == SessionState.OPENING) {
      waiting.add(request);
    } else {
      serve(request);
    }
  }

  private Refusal draining() {
    return limits.drain().refusal(environment.random());
  }

  /** Why the request doesn't belong to this session; null if it does. */
  private Refusal refusal(SessionRequest sessionRequest) {
    if (!sessionOwner.admits(sessionRequest.caller())) {
      return OF_ANOTHER;
    }
    if (sessionRequest.mode() != identity.mode()) {
      return protocol.mismatch();
    }
    // Once it has ended permanently, so has its events-id.
    return !state.hasCable() || identity.isMeantBy(sessionRequest) ? null : NOT_MEANT;
  }

  /** Serves a listener, or one that may not have received the last event yet. */
  private void serve(Request request) {
    boolean opens = request == opener;
    if (opens) {
      opener = null;
    }
    if (unnamed && hasReceivedThis(request)) {
      unnamed = false;
    }
    if (request instanceof Request.Stream stream) {
      attach(stream, opens);
    } else if (request instanceof Request.Poll poll) {
      attach(poll, opens);
    } else if (state == SessionState.ENDED) {
      request.refuse(request.ofEnded());
    } else if (request instanceof Request.Post post) {
      unnamed |= post.sessionRequest().sessionId() == null;
      commandExecutor.carryOut(post.batch(), acceptance, post.reply());
    }
  }

  /**
   * Whether a listener has received events of this session, not of an earlier one of its events-id.
   */
  private boolean hasReceivedThis(Request request) {
    LastEventId cursor = LastEventId.parse(request.sessionRequest().cursor());
    return cursor != null && identity.sessionId().equals(cursor.sessionId());
  }

  private void attach(Request.Stream request, boolean opens) {
    if (limits.listening().many() && listeners.count() >= limits.listening().max()) {
      request.refuse(new Refusal(503, "too many listeners of this session", 1));
      return;
    }
    LastEventId cursor = LastEventId.parse(request.sessionRequest().cursor());
    ResumePoint position =
        ResumePoint.of(cursor, opens, listeners.beginOfStream(), identity.sessionId(), log);
    if (breaks(opens, !position.resumed())) {
      position = ResumePoint.atEndOf(log);
    } else if (hasReceivedAll(opens, cursor, position)) {
      request.refuse(request.ofEnded());
      return;
    }
    if (!makesRoomFor(request)) {
      return;
    }
    AttachedStream stream =
        new AttachedStream(request.listener(), listeners, position.number(), request.pingSeconds());
    polled = false;
    transitions.record(Step.LISTENER_ATTACHED, Observer.Transport.STREAM);
    stream.addBefore(protocol.greeting(position.greeted(), position.resumed()));
    if (announcesGap(position)) {
      gap(position);
      stream.addBefore(encoder.gap(position.number(), position.dropped()));
    }
    listeners.attach(stream, acceptance);
  }

  private void attach(Request.Poll request, boolean opens) {
    LastEventId cursor = LastEventId.parse(request.sessionRequest().cursor());
    ResumePoint position =
        ResumePoint.of(cursor, opens, listeners.beginOfPoll(), identity.sessionId(), log);
    if (breaks(opens, position.missing())) {
      position = ResumePoint.atEndOf(log);
    } else if (hasReceivedAll(opens, cursor, position)) {
      // A client that was sent the drain and returns has to wait until the session has ended.
      boolean over = state == SessionState.ENDED || !protocol.comesBack();
      request.refuse(over ? request.ofEnded() : draining());
      return;
    }
    if (!makesRoomFor(request)) {
      return;
    }
    if (!polled) {
      polled = true;
      transitions.record(Step.LISTENER_ATTACHED, Observer.Transport.POLL);
    }
    AttachedPoll poll =
        new AttachedPoll(request.listener(), listeners, position.number(), request.max());
    if (opens || position.missing() && cursor != null) {
      poll.addBefore(protocol.greeting(position.greeted(), position.resumed()));
    }
    if (announcesGap(position)) {
      gap(position);
      poll.addBefore(encoder.gap(position.number(), position.dropped()));
      poll.countDropped(position.dropped());
    }
    listeners.attach(poll, acceptance, request.timeout().toMillis());
  }

  private void gap(ResumePoint position) {
    observer.gap(position.dropped());
    Long dropped = position.dropped();
    transitions.record(Step.GAP, dropped == null ? 0 : (int) Math.min(Integer.MAX_VALUE, dropped));
  }

  /** False if the listener was refused because there is no memory for it. */
  private boolean makesRoomFor(Request request) {
    boolean room = listeners.reserve();
    if (room) {
      dialAgainAs(request.sessionRequest().caller().dial());
    } else {
      request.refuse(new Refusal(503, "no memory for one more listener", 5));
    }
    return room;
  }

  /** Stores the dial request for reconnecting, if there is memory for it. */
  private void dialAgainAs(DialRequest request) {
    if (holder.reserve(Kind.HEADERS, request.size())) {
      holder.release(Kind.HEADERS, dial.size());
      dial = request;
      cable.use(request);
    }
  }

  /** Ends a session that can continue, but not for this listener, if a gap isn't allowed. */
  private boolean breaks(boolean opens, boolean unresumable) {
    if (opens || !unresumable || listeners.last() != null) {
      return false;
    }
    Event last = protocol.unresumable();
    if (last != null) {
      end(SessionEnding.broken(last));
    }
    return last != null;
  }

  /** Whether a session that has ended has nothing more for this listener. */
  private boolean hasReceivedAll(boolean opens, LastEventId cursor, ResumePoint position) {
    return listeners.last() != null
        && !opens
        && (cursor == null ? listeners.isEndWritten() : !position.resumed());
  }

  private boolean announcesGap(ResumePoint position) {
    return position.missing() && protocol.unresumable() == null;
  }

  /**
   * Whether its client may assume that commands carried out here reached another session of this
   * events-id. A tunnel's client repeats what isn't answered.
   */
  boolean mayHaveMisled() {
    assert mailbox.isInside();
    return unnamed && protocol.comesBack();
  }

  /** A DELETE or the farewell. */
  void delete(SessionRequest sessionRequest, CommandReply reply) {
    Refusal refusal = state.hasCable() ? refusal(sessionRequest) : null;
    if (refusal == null) {
      end(SessionEnding.CLIENT);
    }
    reply.refused(refusal == null ? new Refusal(204, null) : refusal);
  }

  /**
   * What an operator may see; null if there is nothing any more.
   *
   * @param withTransitions whether to include the latest transitions
   */
  SessionSnapshot snapshot(boolean withTransitions) {
    assert mailbox.isInside();
    if (state == SessionState.GONE) {
      return null;
    }
    int streams = listeners.streamCount();
    return new SessionSnapshot(
        identity.hash(),
        identity.mode().name().toLowerCase(Locale.ROOT),
        new SessionSnapshot.Client(
            identity.address(),
            acceptance.origin(),
            dial.header("User-Agent"),
            identity.fallback() == null ? null : identity.fallback().word()),
        cableState(),
        (environment.timers().nanoTime() - identity.openedAt()) / 1_000_000_000,
        new SessionSnapshot.Load(
            streams,
            listeners.count() - streams,
            log.end(),
            log.backlogEvents(),
            log.backlogBytes(),
            log.bytes(),
            cable.unsentBytes()),
        protocol.channels(),
        withTransitions
            ? new SessionSnapshot.Details(protocol.channelNames(), transitions.latest())
            : null);
  }

  private String cableState() {
    if (state == SessionState.NEW || state == SessionState.OPENING) {
      return "dialling";
    } else if (!state.hasCable()) {
      return "closed";
    } else if (!cable.isOpen()) {
      return "down";
    }
    return log.isFull() ? "paused" : "open";
  }

  /** An operator turns on logging of its transitions. */
  void logAloud() {
    assert mailbox.isInside();
    transitions.logAloud();
  }

  // ---- the end ----

  /** The bridge drains after its notice. */
  void drainAhead() {
    if (state == SessionState.LIVE) {
      protocol.drainAhead();
    }
  }

  /**
   * The only way to end a session: {@link SessionEnding} defines what follows. A later ending has
   * no effect.
   */
  void end(SessionEnding ending) {
    assert mailbox.isInside();
    if (!ending.from().contains(state)) {
      return;
    }
    boolean wasLive = state == SessionState.LIVE;
    LastEvents last = ending.lastEvents() == null ? null : ending.lastEvents().apply(protocol);
    if (ending.isAnnouncedFirst(state) && cable.isOpen()) {
      state = state.become(SessionState.LEAVING);
      listeners.finishAll(last);
      linger.set(limits.drain().lastCommands().toMillis(), () -> end(ending));
      return;
    }
    if (state.hasCable() || state == SessionState.NEW) {
      leave(ending);
    } else if (state == SessionState.ENDED) {
      state = state.become(ending.next());
      sessionListener.left(this, false);
    }
    if (last == null) {
      forget();
      return;
    }
    if (wasLive) {
      listeners.finishAll(last);
    }
    if (ending.isForGood()) {
      linger.set(limits.sessions().linger().toMillis(), this::forget);
      // Not now: the request that ended the session must receive its answer first.
      mailbox.run(this::settle);
    } else {
      settle();
    }
  }

  /** Answers waiting requests, closes the cable, and frees the place. */
  private void leave(SessionEnding ending) {
    state = state.become(ending.next());
    holder.release(Kind.SESSION, SessionWeights.SESSION);
    listeners.keepNoSpare();
    commandExecutor.keepNoSpare();
    if (ending.isForGood()) {
      holder.force(Kind.ENDED, SessionWeights.OBJECTS + SessionWeights.FIRST_KEY);
    }
    sessionListener.left(this, ending.isForGood());
    observer.ended(ending.kind());
    sessionListener.notDetached(this);
    transitions.record(Step.ENDED, ending.kind());
    linger.clear();
    waiting.takeAll().forEach(request -> request.refuse(ending.ofWaiting()));
    protocol.close();
    cable.close(ending.closeCode(), ending.closeReason());
  }

  /** Without listeners, keeps what a client may still need, and drops the rest. */
  private void settle() {
    if (state.hasCable() || !listeners.isAllDetached()) {
      return;
    }
    boolean endWritten = listeners.isEndWritten();
    if (state == SessionState.ENDED && !(endWritten && log.bytes() == 0)) {
      sessionListener.lingers(this, welcomed && !endWritten);
    } else {
      forget();
    }
  }

  /** A session that has ended permanently makes room for others. */
  void makeRoom() {
    if (state == SessionState.ENDED && listeners.isAllDetached()) {
      forget();
    }
  }

  /**
   * Ends the session if it has no listeners, to make room for others. Any thread.
   *
   * @return false if it continues because it has a listener or may soon have one
   */
  boolean giveWay() {
    AtomicBoolean wanted = new AtomicBoolean(true);
    mailbox.run(() -> giveWay(wanted));
    return !wanted.compareAndSet(true, false);
  }

  private void giveWay(AtomicBoolean wanted) {
    if (state != SessionState.LIVE || !listeners.isEmpty()) {
      return;
    }
    if (mayReturn() || !wanted.compareAndSet(true, false)) {
      sessionListener.detached(this);
    } else {
      end(SessionEnding.EVICTED);
    }
  }

  /**
   * Whether a client may be about to reconnect. The session waits as long as the client was there,
   * within these bounds: otherwise a client that opens sessions and leaves them at once keeps all
   * others out.
   */
  private boolean mayReturn() {
    long listened = Math.min(detachedSince - liveSince, RETURN_NANOS);
    long patience = Math.max(listened, FIRST_RETURN_NANOS);
    return environment.timers().nanoTime() - detachedSince < patience;
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

  /** The memory for logs has become short or free: the cable may be read again. */
  void budgetChanged() {
    log.evict();
  }

  // ---- the cable ----

  /** Reads on unless the log is full. Called after each task, as any may make room. */
  private void readOn() {
    if (state == SessionState.LIVE && !log.isFull()) {
      cable.demand();
    }
  }

  @Override
  public void opened() {
    assert mailbox.isInside();
    welcomed = true;
    transitions.record(Step.WELCOMED);
    if (state == SessionState.OPENING) {
      state = state.become(SessionState.LIVE);
      liveSince = environment.timers().nanoTime();
    }
    protocol.opened();
    waiting.takeAll().forEach(this::receive);
    lingerIfDetached();
  }

  @Override
  public void frame(CableFrame frame) {
    protocol.frame(frame);
  }

  @Override
  public void frameDropped(String why) {
    rateLimitedLog.count(RateLimitedLog.Kind.FRAME_DROPPED, identity.hash(), why);
    transitions.record(Step.FRAME_DROPPED);
    observer.gap(1L);
    listeners.append(encoder.gap(listeners.nextNumber(), 1L));
  }

  @Override
  public void dialling() {
    transitions.record(Step.DIALLING);
  }

  @Override
  public void dialled(CableEnding.Kind failure, long nanoseconds) {
    observer.dialled(openedBy, failure, welcomed, nanoseconds);
    if (failure != null) {
      transitions.record(Step.DIAL_FAILED, failure);
    }
  }

  /** A client that has just left may reconnect soon; a polling one is away between two polls. */
  @Override
  public boolean isAwaited() {
    return state == SessionState.OPENING
        ? waiting.isAwaited()
        : listeners.isAwaited()
            || commandExecutor.isAwaited()
            || listeners.isEmpty()
                && environment.timers().nanoTime() - detachedSince < RETURN_NANOS;
  }

  @Override
  public void abandoned() {
    end(SessionEnding.LINGER);
  }

  @Override
  public void lost(String reason) {
    rateLimitedLog.count(RateLimitedLog.Kind.CABLE_LOST, identity.hash(), word(reason));
    observer.cableLost(reason);
    transitions.lost(reason);
    protocol.lost(reason);
  }

  /** A reason as Action Cable names it, or one of the bridge's: never the server's text. */
  private static String word(String reason) {
    return reason.matches("[a-z_]{1,40}") ? reason : "other";
  }

  @Override
  public void ended(CableEnding ending) {
    end(
        state == SessionState.OPENING
            ? SessionEnding.dialFailed(ending)
            : SessionEnding.cable(ending));
  }

  // ---- the listeners ----

  /** Starts to linger if there are no listeners, unless it has started already. */
  private void lingerIfDetached() {
    if (state != SessionState.LIVE) {
      return;
    }
    if (!listeners.isEmpty()) {
      if (linger.isSet()) {
        sessionListener.notDetached(this);
        linger.clear();
      }
    } else if (!linger.isSet()) {
      detachedSince = environment.timers().nanoTime();
      sessionListener.detached(this);
      linger.set(limits.sessions().linger().toMillis(), () -> end(SessionEnding.LINGER));
    }
  }

  @Override
  public void streamLeft() {
    transitions.record(Step.LISTENER_LEFT, Observer.Transport.STREAM);
  }

  /** Counted from its start: a poll that was answered at once has come and gone within it. */
  @Override
  public void lastListenerLeft() {
    if (state == SessionState.LIVE) {
      linger.clear();
      lingerIfDetached();
    }
  }

  @Override
  public void allDetached() {
    if (!state.hasCable()) {
      mailbox.run(this::settle);
    }
  }

  @Override
  public Event replaced() {
    return protocol.replaced();
  }

  @Override
  public Event joinedAt(long position) {
    return encoder.joined(position, identity.eventsId(), null);
  }

  @Override
  public void stalled(long milliseconds) {
    rateLimitedLog.count(
        RateLimitedLog.Kind.LISTENER_STALLED,
        identity.hash(),
        "read nothing for " + milliseconds + " ms");
    observer.stalled();
    transitions.record(Step.LISTENER_STALLED);
  }

  @Override
  public Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return new Listener.PollAnswer(
        identity.sessionId(), events, dropped, queueLength, protocol.channels());
  }
}
