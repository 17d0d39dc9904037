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
import cablestream.log.LastEventId;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the bridge holds for one events-id: a cable, a log of its events, and those who listen.
 * Every method but the constructor runs inside the session's mailbox.
 */
final class Session implements Cable.Owner, Listeners.Owner, Protocol.Owner {
  private static final int MOST_USER_AGENT = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /** What a session tells its manager. */
  interface SessionListener {
    /**
     * The session has no cable any more, so its place is free. Its events-id may be used again, or,
     * {@code forGood}, not for a while.
     */
    void left(Session session, boolean forGood);

    /**
     * A session that ended for good has nobody left, and would tell how it ended to whoever comes.
     *
     * @param missed whether somebody missed it who had been served before
     */
    void lingers(Session session, boolean missed);

    /** Nobody listens to a session that has left, and nobody will. */
    void forgotten(Session session);

    /** A request found the session too late. */
    void strayed(Request request);
  }

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
  private final Protocol protocol;
  private final Cable cable;
  private final CommandExecutor commandExecutor;
  private final Arrivals arrivals;
  private final Alarm linger;
  private final WaitingRequests waiting;
  private SessionState state = SessionState.NEW;

  /** The request that opened the session, until it has been dealt with. */
  private Request opener;

  /** Bytes charged for the headers that are kept for dialling again. */
  private long headers;

  /** Whether the server has ever welcomed it. */
  private boolean welcomed;

  Session(
      SessionRequest sessionRequest,
      String sessionId,
      Holder holder,
      SessionListener sessionListener,
      Environment environment,
      EventTime time,
      RateLimitedLog rateLimitedLog) {
    Limits limits = environment.limits();
    this.eventsId = sessionRequest.eventsId();
    this.sessionId = sessionId;
    this.address = sessionRequest.caller().address();
    this.mode = sessionRequest.mode();
    this.holder = holder;
    this.sessionListener = sessionListener;
    this.environment = environment;
    this.rateLimitedLog = rateLimitedLog;
    mailbox = new Mailbox(environment.pool());
    sessionOwner = new SessionOwner(sessionRequest.caller());
    headers = sessionRequest.caller().dial().size();
    log = new EventLog(limits.logEvents(), limits.logBytes(), environment.account());
    encoder = new EventEncoder(sessionId, time, log.room());
    observer = environment.observer();
    openedAt = environment.timers().nanoTime();
    listeners = new Listeners(this, log, mailbox, holder, environment);
    boolean tunnel = mode == Mode.TUNNEL;
    protocol =
        tunnel
            ? new Tunnel(this, sessionRequest.caller().dial().protocols().get(0))
            : new Channels(this, eventsId);
    cable = environment.dialer().cable(this, mailbox, tunnel);
    commandExecutor = new CommandExecutor(this, protocol);
    arrivals = new Arrivals(this, sessionId, log, listeners, protocol);
    linger = alarm();
    waiting = new WaitingRequests(holder, limits.maxUnsentBytes());
  }

  /** Takes what a session needs at first, unless there is no memory for one more. */
  static boolean takePlace(Holder holder, SessionRequest sessionRequest) {
    return holder.take(Kind.SESSION, SessionWeights.SESSION)
        && holder.take(Kind.HEADERS, sessionRequest.caller().dial().size());
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

  /**
   * A tunnel that goes on as a WebSocket would can't begin in the middle: whoever asks for that is
   * told the end, and nothing is dialled.
   */
  static boolean isHopeless(SessionRequest sessionRequest) {
    LastEventId cursor = LastEventId.parse(sessionRequest.cursor());
    return sessionRequest.mode() == Mode.TUNNEL && cursor != null && !cursor.isBeginning();
  }

  /** The first request, before anybody else can find the session: dials for its caller. */
  void open(Request request) {
    opener = request;
    state = state.become(mode == Mode.TUNNEL ? SessionState.LIVE : SessionState.OPENING);
    if (isHopeless(request.sessionRequest())) {
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
    Refusal refusal = refusal(request.sessionRequest());
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
    Listener.Acceptance acceptance =
        new Listener.Acceptance(sessionId, sessionOwner.origin(), holder());
    if (request instanceof Request.Stream stream) {
      arrivals.attach(stream, opens, acceptance);
    } else if (request instanceof Request.Poll poll) {
      arrivals.attach(poll, opens, acceptance);
    } else if (state == SessionState.ENDED) {
      request.refuse(request.ofEnded());
    } else if (request instanceof Request.Post post) {
      commandExecutor.carryOut(post.batch(), acceptance, post.reply());
    }
    lingerUnlessHeard();
  }

  private Refusal refusal(SessionRequest sessionRequest) {
    if (!sessionOwner.admits(sessionRequest.caller())) {
      return new Refusal(403, "this session belongs to another caller");
    }
    if (sessionRequest.mode() != mode) {
      return new Refusal(
          409,
          mode == Mode.TUNNEL
              ? "this session is a tunnel: repeat its protocol parameter"
              : "this session is not a tunnel");
    }
    return null;
  }

  /** DELETE or the farewell arrives. */
  void end(SessionRequest sessionRequest, CommandReply reply) {
    Refusal refusal = state.hasCable() ? refusal(sessionRequest) : null;
    if (refusal == null && state.hasCable()) {
      finish(SessionEnding.CLIENT);
    }
    reply.refused(refusal == null ? new Refusal(204, null) : refusal);
  }

  /** What an operator may know. */
  SessionSnapshot snapshot() {
    assert mailbox.isInside();
    int streams = listeners.streamCount();
    return new SessionSnapshot(
        hash(),
        mode.name().toLowerCase(Locale.ROOT),
        address,
        userAgent(),
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

  private String userAgent() {
    DialRequest request = cable.request();
    String said = request == null ? null : request.header("User-Agent");
    return said == null ? "" : said.substring(0, Math.min(said.length(), MOST_USER_AGENT));
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

  /** An operator has had enough of it. */
  void close() {
    if (state.hasCable()) {
      LOG.info("event=session_closed session={} by=operator", hash());
      finish(SessionEnding.OPERATOR);
    }
  }

  /** The bridge drains after its notice. */
  void drainAhead() {
    if (state == SessionState.LIVE) {
      protocol.drainAhead();
    }
  }

  /** Ends with a goodbye: streams learn when to come back. */
  void drain(long retryMillis) {
    if (state == SessionState.LIVE && cable.isOpen()) {
      state = state.become(SessionState.LEAVING);
      sayGoodbye(retryMillis);
      linger.set(limits().drain().lastCommands().toMillis(), () -> leaveDrained(retryMillis));
    } else if (state.hasCable()) {
      leaveDrained(retryMillis);
    } else if (state == SessionState.ENDED) {
      state = state.become(SessionState.GONE);
      settle();
    }
  }

  private void sayGoodbye(long retryMillis) {
    listeners.finishAll(protocol.drainedStream(retryMillis), protocol.drained());
  }

  private void leaveDrained(long retryMillis) {
    leave(SessionEnding.drain(limits().drain().refusal(retryMillis)));
    sayGoodbye(retryMillis);
    settle();
  }

  /** Ends at once, whatever is left unwritten. */
  void abort() {
    if (state.hasCable() || state == SessionState.NEW) {
      leave(SessionEnding.stop(limits().drain().refusal(environment.random())));
    }
    forget();
  }

  @Override
  public void breakOff(Event last) {
    endForGood(SessionEnding.BROKEN, last);
  }

  private void endForGood(SessionEnding ending, Event last) {
    if (state == SessionState.LIVE) {
      leave(ending);
      linger.set(limits().linger().toMillis(), this::forget);
      listeners.finishAll(last);
      // Not now: a request that ended the session has yet to hear of it.
      mailbox.run(this::settle);
    }
  }

  /** The session ends, and its events-id may be used again. */
  private void finish(SessionEnding ending) {
    leave(ending);
    listeners.finishAll(protocol.ended());
    settle();
  }

  /** All ends begin here: whoever waits is told, the cable is closed, and the place is free. */
  private void leave(SessionEnding ending) {
    state = state.become(ending.isForGood() ? SessionState.ENDED : SessionState.GONE);
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
    if (state == SessionState.OPENING) {
      leave(SessionEnding.dialFailed(ending));
      settle();
    } else if (state == SessionState.LIVE) {
      endForGood(SessionEnding.CABLE, protocol.cableEnded(ending));
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

  // ---- Protocol.Owner ----

  @Override
  public EventEncoder encoder() {
    return encoder;
  }

  @Override
  public long nextNumber() {
    return log.nextNumber();
  }

  @Override
  public void append(Event event) {
    log.append(event);
    observer.logged(event.length());
    listeners.appended();
  }

  @Override
  public Cable cable() {
    return cable;
  }

  @Override
  public Holder holder() {
    return holder;
  }

  @Override
  public void use(DialRequest request) {
    if (holder.take(Kind.HEADERS, request.size())) {
      holder.giveBack(Kind.HEADERS, headers);
      headers = request.size();
      cable.use(request);
    }
  }

  @Override
  public boolean send(String frame, Consumer<String> done) {
    long weight = SessionWeights.outgoing(frame);
    boolean taken = holder.take(Kind.COMMAND, weight);
    if (taken) {
      cable.send(
          frame,
          why -> {
            holder.giveBack(Kind.COMMAND, weight);
            done.accept(why);
          });
    }
    return taken;
  }

  @Override
  public boolean isReading() {
    return cable.isOpen() && !log.isFull();
  }

  @Override
  public Alarm alarm() {
    return new Alarm(environment.timers(), mailbox);
  }

  @Override
  public long nanoTime() {
    return environment.timers().nanoTime();
  }

  @Override
  public Limits limits() {
    return environment.limits();
  }

  @Override
  public Observer observer() {
    return observer;
  }

  // ---- inside ----

  private void demandIfRoom() {
    if (state == SessionState.LIVE && !log.isFull() && cable.isOpen()) {
      cable.demand();
    }
  }

  private void lingerUnlessHeard() {
    if (state != SessionState.LIVE) {
      return;
    }
    if (!listeners.isEmpty()) {
      linger.clear();
    } else if (!linger.isSet()) {
      linger.set(limits().linger().toMillis(), () -> finish(SessionEnding.LINGER));
    }
  }

  /** What log lines and operators name it by; any thread. */
  String hash() {
    return Digest.of(sessionId).hex(4);
  }
}
