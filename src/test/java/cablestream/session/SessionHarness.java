package cablestream.session;

import cablestream.browser.Caller;
import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Digest;
import cablestream.browser.Fallback;
import cablestream.browser.Listener;
import cablestream.browser.Mode;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Mailbox;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.log.Identifier;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import cablestream.support.RecordingObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A bridge without sockets, threads or clocks, for tests of sessions. */
final class SessionHarness {
  static final String NODE = "this-node";
  static final String ID = "0123456789abcdef";
  static final Identifier CHAT =
      new Identifier("{\"channel\":\"ChatChannel\",\"room\":1.0}", "c0c0");
  static final Identifier NEWS = new Identifier("{\"channel\":\"NewsChannel\"}", "feed");
  static final Caller ALICE = caller("https://a.example", "cookie=alice", "browser-a");

  static final Caller MALLORY = caller("https://a.example", "cookie=mallory", "browser-m");

  /** The assumed memory of a container's response, in bytes. */
  static final int RESPONSE_BYTES = 15 * 1_024;

  private static final long HEAP = 1 << 30;

  final ManualExecutor pool = new ManualExecutor();
  final FakeTimers timers = new FakeTimers(pool);
  final List<FakeCable> cables = new ArrayList<>();
  final SessionManager manager;
  final Account account;
  boolean dialerAccepts = true;

  /** How dials fail before they begin, as when too many wait; null if they don't. */
  CableEnding.Kind dialsFailAtOnce;

  final RecordingObserver observer = new RecordingObserver();

  /** Runs once, between a request's admission and the creation of its session. */
  Runnable dialerAsked = () -> {};

  SessionHarness() {
    this(Defaults.limits());
  }

  SessionHarness(Limits limits) {
    this(limits, new Account(HEAP, Math.min(limits.logs().budget(), Account.maxLogs(HEAP))));
  }

  SessionHarness(Limits limits, Account account) {
    this(limits, account, RESPONSE_BYTES);
  }

  SessionHarness(Limits limits, Account account, int responseBytes) {
    this.account = account;
    Cable.Dialer dialer =
        new Cable.Dialer() {
          @Override
          public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
            FakeCable cable = new FakeCable(owner, mailbox);
            cable.failsAtOnce = dialsFailAtOnce;
            cables.add(cable);
            return cable;
          }

          @Override
          public boolean accepts() {
            Runnable meanwhile = dialerAsked;
            dialerAsked = () -> {};
            meanwhile.run();
            return dialerAccepts;
          }
        };
    Instant epoch = Instant.parse("2026-01-02T03:04:05.678Z");
    manager =
        new SessionManager(
            new Environment(
                NODE,
                limits,
                new Environment.Execution(
                    timers, () -> epoch.plusNanos(timers.nanoTime()), pool, new Random(1)),
                dialer,
                observer,
                account,
                responseBytes));
  }

  static Caller caller(String origin, String credentials, String browser) {
    return new Caller(
        origin,
        Digest.of(credentials),
        browser == null ? null : Digest.of(browser),
        "192.0.2.1",
        new DialRequest(
            List.of(new DialRequest.Header("Cookie", credentials)),
            "",
            List.of("actioncable-v1-json")));
  }

  /** The latest cable. */
  FakeCable cable() {
    return cables.get(cables.size() - 1);
  }

  RecordingStream listen() {
    return listen(ALICE, null);
  }

  RecordingStream listen(String cursor) {
    return listen(ALICE, cursor);
  }

  RecordingStream listen(Caller caller, String cursor) {
    return listen(new SessionRequest(ID, caller, Mode.CHANNELS, cursor), 0);
  }

  RecordingStream listen(SessionRequest sessionRequest, int ping) {
    RecordingStream stream = new RecordingStream();
    manager.listen(sessionRequest, ping, stream);
    return stream;
  }

  /** A stream of a new session whose cable is open. */
  RecordingStream open() {
    RecordingStream stream = listen();
    cable().welcomes();
    return stream;
  }

  /** The same, subscribed to CHAT. */
  RecordingStream openSubscribed() {
    RecordingStream stream = open();
    command(new Command.Subscribe(CHAT));
    cable().confirms(CHAT);
    settle();
    return stream;
  }

  RecordingPoll poll(int max, Duration timeout, String cursor) {
    RecordingPoll poll = new RecordingPoll();
    manager.poll(new SessionRequest(ID, ALICE, Mode.CHANNELS, cursor), max, timeout, poll);
    return poll;
  }

  /** A poll with memory for only this many events. */
  RecordingPoll pollWithRoomFor(int events) {
    RecordingPoll poll = new RecordingPoll();
    poll.room = events;
    manager.poll(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), 32, Duration.ZERO, poll);
    settle();
    return poll;
  }

  RecordingPoll poll() {
    return poll(32, Duration.ofSeconds(25), null);
  }

  RecordingReply command(Command... commands) {
    return command(ALICE, null, false, commands);
  }

  /** Commands that name their session. */
  RecordingReply commandNaming(String sessionId, Command... commands) {
    return commandNaming(ALICE, sessionId, commands);
  }

  RecordingReply commandNaming(Caller caller, String sessionId, Command... commands) {
    RecordingReply reply = new RecordingReply();
    CommandBatch batch = new CommandBatch(List.of(commands), null, null);
    manager.command(named(sessionId, caller), batch, false, reply);
    return reply;
  }

  RecordingReply command(Caller caller, String key, boolean opens, Command... commands) {
    RecordingReply reply = new RecordingReply();
    CommandBatch batch =
        new CommandBatch(List.of(commands), key, Digest.of(List.of(commands).toString()));
    manager.command(new SessionRequest(ID, caller, Mode.CHANNELS, null), batch, opens, reply);
    return reply;
  }

  /**
   * Runs this while another thread is inside the session's mailbox: its tasks wait there, in their
   * order, as do those of timers that fall due meanwhile.
   */
  void whileSomebodyIsInside(Runnable happenings) {
    CommandBatch nothing = new CommandBatch(List.of(), null, null);
    CommandReply inside =
        new CommandReply() {
          @Override
          public void answered(Listener.Acceptance acceptance, List<CommandResult> results) {
            happenings.run();
          }

          @Override
          public void refused(Refusal refusal) {
            throw new AssertionError("there is no session to be inside of: " + refusal);
          }
        };
    manager.command(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), nothing, false, inside);
    pool.runAll();
  }

  /** A request that names its session; null for any session with this events-id. */
  private static SessionRequest named(String sessionId, Caller caller) {
    return new SessionRequest(
        ID, sessionId, caller, Mode.CHANNELS, null, ClientTransport.POLL, Fallback.UNKNOWN);
  }

  RecordingReply end(Caller caller, String sessionId) {
    RecordingReply reply = new RecordingReply();
    manager.end(named(sessionId, caller), reply);
    return reply;
  }

  /** Flushes gathered events. */
  void settle() {
    pool.runAll();
    pass(Duration.ofMillis(1));
  }

  void pass(Duration time) {
    timers.advance(time);
    pool.runAll();
  }

  static Command send(String data) {
    return new Command.Send(CHAT, data);
  }

  static Command subscribe() {
    return new Command.Subscribe(CHAT);
  }

  static Command unsubscribe() {
    return new Command.Unsubscribe(CHAT);
  }
}
