package cablestream.session;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the bridge holds for one events-id: a cable, a log of its events, and those who listen.
 * Every method but the constructor runs inside the session's mailbox.
 */
final class Session implements Cable.Owner, Listeners.Owner, Dialogue.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /**
   *
   *
   * <pre>
   * NEW ──opened──▶ OPENING ──welcome──▶ LIVE ──the server wants no more──▶ ENDED ──linger──▶ GONE
   *                    │                  │                                    ▲               ▲
   *                    │                  └──── DELETE, linger over, drain ────┼───────────────┤
   *                    └──── the dial failed, DELETE, drain ───────────────────┼───────────────┘
   * NEW ──opened as a tunnel──▶ LIVE          (a tunnel whose cursor is lost) ─┘
   * </pre>
   */
  enum State {
    NEW,
    /** Dialling; whoever comes waits. */
    OPENING,
    LIVE,
    /** Over for good; kept a while for those who haven't heard the end. */
    ENDED,
    /** Not in the manager's map any more: whoever still comes is sent back there. */
    GONE
  }

  /** What a session tells its manager. */
  interface Home {
    /**
     * The session is GONE: its events-id may be used again, or, {@code forGood}, not for a while.
     */
    void gone(Session session, boolean forGood);

    /** A session that is GONE has no listeners left. */
    void emptied(Session session);
  }

  /** A request that waits for the dial. */
  private record Waiting(Runnable admit, Consumer<Refusal> refuse) {}

  private final String eventsId;
  private final String sessionId;
  private final String address;
  private final Mode mode;
  private final Home home;
  private final Environment environment;
  private final Observer observer;
  private final Notices notices;
  private final long openedAt;
  private final Mailbox mailbox;
  private final Binding binding;
  private final EventEncoder encoder;
  private final EventLog log;
  private final Listeners listeners;
  private final Dialogue dialogue;
  private final Cable cable;
  private final CommandDesk desk;
  private final Alarm linger;
  private final List<Waiting> waiting = new ArrayList<>(1);
  private State state = State.NEW;

  /** Whether its end has been counted. */
  private boolean endTold;

  /** The request that opened the session, until it has been dealt with; others may overtake it. */
  private Visit opener;

  Session(
      Visit visit,
      String sessionId,
      Home home,
      Environment environment,
      EventTime time,
      Notices notices) {
    Limits limits = environment.limits();
    this.eventsId = visit.eventsId();
    this.sessionId = sessionId;
    this.address = visit.caller().address();
    this.mode = visit.mode();
    this.opener = visit;
    this.home = home;
    this.environment = environment;
    this.notices = notices;
    mailbox = new Mailbox(environment.pool());
    binding = new Binding(visit.caller());
    log = new EventLog(limits.logEvents(), limits.logBytes(), environment.account());
    encoder = new EventEncoder(sessionId, time, log.room());
    observer = environment.observer();
    openedAt = environment.timers().nanoTime();
    listeners = new Listeners(this, log, mailbox, environment);
    boolean tunnel = mode == Mode.TUNNEL;
    dialogue =
        tunnel
            ? new Tunnel(this, visit.caller().dial().protocols().get(0))
            : new Channels(this, eventsId);
    cable = environment.dialer().cable(this, mailbox, tunnel);
    desk = new CommandDesk(this, dialogue);
    linger = alarm();
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

  Binding binding() {
    return binding;
  }

  // ---- requests ----

  /** A stream arrives. */
  void listen(Visit visit, int pingSeconds, Listener.Stream listener) {
    boolean opens = openIfNew(visit);
    admit(visit, listener::refused, () -> attach(visit, opens, pingSeconds, listener));
  }

  /** A poll arrives. */
  void poll(Visit visit, int most, long timeoutMillis, Listener.Poll listener) {
    boolean opens = openIfNew(visit);
    admit(visit, listener::refused, () -> attach(visit, opens, most, timeoutMillis, listener));
  }

  /** A POST arrives. */
  void command(Visit visit, CommandBatch batch, CommandReply reply) {
    boolean opens = openIfNew(visit);
    admit(
        visit,
        reply::refused,
        () -> {
          if (opens) {
            lingerUnlessHeard();
          }
          carryOut(batch, reply);
        });
  }

  /** DELETE or the farewell arrives. */
  void end(Visit visit, CommandReply reply) {
    Refusal refusal = refusal(visit);
    if (refusal == null && state != State.ENDED) {
      finish(Observer.Ending.CLIENT, "the client ended the session");
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
        cableWord(),
        (environment.timers().nanoTime() - openedAt) / 1_000_000_000,
        streams,
        listeners.count() - streams,
        log.end(),
        log.backlogEvents(),
        log.backlogBytes(),
        log.bytes(),
        cable.unsentBytes(),
        dialogue.channels());
  }

  private String cableWord() {
    if (state == State.NEW || state == State.OPENING) {
      return "dialling";
    } else if (state != State.LIVE) {
      return "closed";
    } else if (!cable.isOpen()) {
      return "down";
    }
    return log.isFull() ? "paused" : "open";
  }

  /** An operator has had enough of it. */
  void close() {
    if (state != State.GONE) {
      LOG.info("event=session_closed session={} by=operator", hash());
      finish(Observer.Ending.OPERATOR, "an operator ended the session");
    }
  }

  boolean isGone() {
    return state == State.GONE;
  }

  // ---- the session's own end ----

  /** Ends with a goodbye: streams learn when to come back. */
  void drain(long retryMillis) {
    if (state == State.GONE) {
      return;
    }
    byte[] retry = ascii("retry: " + retryMillis + "\n\n");
    leave(
        Observer.Ending.DRAIN,
        new Refusal(503, "the bridge is draining", (int) (retryMillis / 1_000) + 1));
    dialogue.close();
    home.gone(this, false);
    cable.close(1001, "the bridge is draining");
    listeners.finishAll(retry, dialogue.drained());
    if (listeners.isEmpty()) {
      log.discard();
      home.emptied(this);
    }
  }

  /** Ends at once, whatever is left unwritten. */
  void abort() {
    if (state != State.GONE) {
      leave(Observer.Ending.STOP, new Refusal(503, "the bridge is stopping", 1));
      dialogue.close();
      cable.close(1001, "the bridge is stopping");
      home.gone(this, false);
    }
    listeners.abortAll();
    log.discard();
    home.emptied(this);
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
    if (state == State.OPENING) {
      state = State.LIVE;
    }
    dialogue.welcomed(again);
    List<Waiting> admitted = List.copyOf(waiting);
    waiting.clear();
    admitted.forEach(each -> each.admit().run());
    lingerUnlessHeard();
    demandIfRoom();
  }

  @Override
  public void confirmed(String identifier) {
    dialogue.confirmed(identifier);
    demandIfRoom();
  }

  @Override
  public void rejected(String identifier) {
    dialogue.rejected(identifier);
    demandIfRoom();
  }

  @Override
  public void received(String identifier, byte[] frame, int from, int to) {
    assert mailbox.isInside();
    dialogue.received(identifier, frame, from, to);
    demandIfRoom();
  }

  @Override
  public void frame(byte[] text) {
    assert mailbox.isInside();
    dialogue.frame(text);
    demandIfRoom();
  }

  @Override
  public void unreadable(String why) {
    notices.tell(Notices.Kind.FRAME_DROPPED, hash(), why);
    if (mode == Mode.CHANNELS) {
      observer.gap(1L);
    }
    dialogue.unreadable(why);
    demandIfRoom();
  }

  @Override
  public void dropped(String reason) {
    notices.tell(Notices.Kind.CABLE_LOST, hash(), reason);
    observer.cableLost(reason);
    dialogue.dropped(reason);
  }

  @Override
  public void ended(CableEnding ending) {
    if (state == State.OPENING) {
      int retryAfter = ending.kind() == CableEnding.Kind.BUSY ? 1 : 0;
      leave(
          Observer.Ending.DIAL_FAILED,
          new Refusal(ending.kind().status(), ending.error(), retryAfter));
      home.gone(this, false);
      home.emptied(this);
    } else if (state == State.LIVE) {
      endForGood(Observer.Ending.CABLE, dialogue.cableEnded(ending));
    }
  }

  // ---- Listeners.Owner ----

  @Override
  public void cursorsMoved() {
    demandIfRoom();
  }

  @Override
  public void lastListenerLeft() {
    if (state == State.GONE) {
      log.discard();
      home.emptied(this);
    } else if (state == State.LIVE) {
      // A poll that was answered at once has come and gone within the linger before it.
      linger.clear();
      lingerUnlessHeard();
    }
  }

  @Override
  public byte[] joinedAt(long position) {
    return encoder.joined(position, eventsId, null).bytes();
  }

  @Override
  public void stalled(long milliseconds) {
    notices.tell(Notices.Kind.LISTENER_STALLED, hash(), "took nothing for " + milliseconds + " ms");
    observer.stalled();
  }

  @Override
  public Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return new Listener.PollAnswer(sessionId, events, dropped, queueLength, dialogue.channels());
  }

  // ---- Dialogue.Owner ----

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

  @Override
  public void breakOff(Event last) {
    endForGood(Observer.Ending.BROKEN, last);
  }

  private void endForGood(Observer.Ending ending, Event last) {
    if (state == State.LIVE) {
      state = State.ENDED;
      tellEnd(ending);
      dialogue.close();
      cable.close(1000, "the session has ended");
      listeners.finishAll(last);
      linger.set(limits().linger().toMillis(), this::forget);
    }
  }

  // ---- inside ----

  /**
   * Whoever comes first makes the session dial, on behalf of the caller it belongs to.
   *
   * @return whether this is the request that opened the session
   */
  private boolean openIfNew(Visit visit) {
    assert mailbox.isInside();
    if (state == State.NEW) {
      open();
    }
    boolean opens = visit == opener;
    if (opens) {
      opener = null;
    }
    return opens;
  }

  private void open() {
    Cursor cursor = Cursor.parse(opener.cursor());
    boolean hopeless = mode == Mode.TUNNEL && cursor != null && !cursor.isBeginning();
    state = mode == Mode.TUNNEL ? State.LIVE : State.OPENING;
    if (hopeless) {
      breakOff(((Tunnel) dialogue).broken("the cursor can't be resumed"));
    } else {
      cable.open(opener.caller().dial());
    }
  }

  /** Checks the request, and lets it wait for the dial. */
  private void admit(Visit visit, Consumer<Refusal> refuse, Runnable admitted) {
    Refusal refusal = refusal(visit);
    if (refusal != null) {
      refuse.accept(refusal);
    } else if (state == State.OPENING) {
      waiting.add(new Waiting(admitted, refuse));
    } else {
      admitted.run();
    }
  }

  private Refusal refusal(Visit visit) {
    if (!binding.admits(visit.caller())) {
      return new Refusal(403, "this session belongs to another caller");
    }
    if (visit.mode() != mode) {
      return new Refusal(
          409,
          mode == Mode.TUNNEL
              ? "this session is a tunnel: repeat its protocol parameter"
              : "this session is not a tunnel");
    }
    return null;
  }

  private void attach(Visit visit, boolean opens, int pingSeconds, Listener.Stream listener) {
    if (limits().manyListeners() && listeners.count() >= limits().maxListeners()) {
      listener.refused(new Refusal(503, "too many listeners of this session", 1));
      return;
    }
    cable.use(visit.caller().dial());
    Cursor cursor = Cursor.parse(visit.cursor());
    Position position = Position.of(cursor, opens, listeners.continuation(), sessionId, log);
    if (mode == Mode.TUNNEL && state == State.LIVE && !opens && !position.resumed()) {
      breakOff(((Tunnel) dialogue).broken("the cursor can't be resumed"));
      position = Position.atEndOf(log);
    } else if (state == State.ENDED && !opens && !hasUntold(cursor, position)) {
      listener.refused(new Refusal(204, null));
      return;
    }
    AttachedStream stream = new AttachedStream(listener, listeners, position.number(), pingSeconds);
    stream.addBefore(opening(position));
    if (position.missing() && mode != Mode.TUNNEL) {
      observer.gap(position.dropped());
      stream.addBefore(encoder.gap(position.number(), position.dropped()).bytes());
    }
    listeners.attach(stream, acceptance(), dialogue.replaced());
    lingerUnlessHeard();
  }

  private void attach(
      Visit visit, boolean opens, int most, long timeoutMillis, Listener.Poll listener) {
    cable.use(visit.caller().dial());
    Cursor cursor = Cursor.parse(visit.cursor());
    Position position = Position.of(cursor, opens, listeners.pollContinuation(), sessionId, log);
    if (mode == Mode.TUNNEL && state == State.LIVE && !opens && position.missing()) {
      breakOff(((Tunnel) dialogue).broken("the cursor can't be resumed"));
      position = Position.atEndOf(log);
    } else if (state == State.ENDED && !opens && !hasUntold(cursor, position)) {
      listener.refused(new Refusal(410, "this session has ended for good"));
      return;
    }
    AttachedPoll poll = new AttachedPoll(listener, listeners, position.number(), most);
    if (opens || position.missing() && cursor != null) {
      poll.addBefore(dialogue.greeting(position.greeted(), position.resumed()));
    }
    if (position.missing() && mode != Mode.TUNNEL) {
      observer.gap(position.dropped());
      poll.addBefore(encoder.gap(position.number(), position.dropped()));
      poll.countDropped(position.dropped());
    }
    listeners.attach(poll, acceptance(), timeoutMillis, dialogue.replaced());
    lingerUnlessHeard();
  }

  /** Whether an ended session still has something for this listener. */
  private boolean hasUntold(Cursor cursor, Position position) {
    return cursor == null ? !listeners.isLastTold() : position.resumed();
  }

  private byte[] opening(Position position) {
    byte[] retry = ascii("retry: " + limits().retry().toMillis() + "\n\n");
    byte[] greeting = dialogue.greeting(position.greeted(), position.resumed()).bytes();
    byte[] opening = new byte[retry.length + greeting.length];
    System.arraycopy(retry, 0, opening, 0, retry.length);
    System.arraycopy(greeting, 0, opening, retry.length, greeting.length);
    return opening;
  }

  private void carryOut(CommandBatch batch, CommandReply reply) {
    if (state == State.ENDED) {
      reply.refused(new Refusal(410, "this session has ended for good"));
    } else {
      desk.carryOut(batch, acceptance(), reply);
    }
  }

  private void demandIfRoom() {
    if (state == State.LIVE && !log.isFull() && cable.isOpen()) {
      cable.demand();
    }
  }

  private void lingerUnlessHeard() {
    if (state != State.LIVE) {
      return;
    }
    if (!listeners.isEmpty()) {
      linger.clear();
    } else if (!linger.isSet()) {
      linger.set(
          limits().linger().toMillis(), () -> finish(Observer.Ending.LINGER, "nobody listens"));
    }
  }

  /** The session ends, and its events-id may be used again. */
  private void finish(Observer.Ending ending, String reason) {
    Event last = dialogue.ended();
    leave(ending, new Refusal(410, "this session was ended"));
    dialogue.close();
    home.gone(this, false);
    cable.close(1000, reason);
    listeners.finishAll(last);
    if (listeners.isEmpty()) {
      log.discard();
      home.emptied(this);
    }
  }

  private void forget() {
    leave(Observer.Ending.CABLE, null);
    home.gone(this, true);
    listeners.abortAll();
    log.discard();
    home.emptied(this);
  }

  private void leave(Observer.Ending ending, Refusal ofWaiting) {
    state = State.GONE;
    tellEnd(ending);
    linger.clear();
    List<Waiting> refused = List.copyOf(waiting);
    waiting.clear();
    refused.forEach(each -> each.refuse().accept(ofWaiting));
  }

  /** Once; one that ended for good is left later. */
  private void tellEnd(Observer.Ending ending) {
    if (!endTold) {
      endTold = true;
      observer.ended(ending);
    }
  }

  private Listener.Acceptance acceptance() {
    return new Listener.Acceptance(sessionId, binding.origin());
  }

  /** What log lines and operators name it by; any thread. */
  String hash() {
    return Digest.of(sessionId).hex(4);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
