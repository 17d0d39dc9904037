package cablestream.session;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.delivery.AttachedPoll;
import cablestream.delivery.AttachedStream;
import cablestream.delivery.Listeners;
import cablestream.environment.Limits;
import cablestream.log.Event;
import cablestream.log.EventLog;
import cablestream.log.LastEventId;
import cablestream.log.ResumePoint;
import cablestream.protocol.CommandExecutor;
import cablestream.protocol.Protocol;
import cablestream.protocol.SessionContext;
import java.util.List;

/**
 * Lets a session's requests in: checks that they are its owner's, brings listeners to their place
 * in the log (where they begin, and what they are greeted with; protocol section 6), and commands
 * to where they are carried out. Inside the mailbox only.
 */
final class Arrivals {
  private static final Refusal OF_ANOTHER =
      new Refusal(403, "this session belongs to another caller");

  private final SessionContext session;
  private final SessionOwner owner;
  private final SessionIdentity identity;
  private final EventLog log;
  private final Listeners listeners;
  private final Protocol protocol;
  private final CommandExecutor commandExecutor;
  private final Listener.Acceptance acceptance;
  private final WaitingRequests waiting;

  /** The request that opened the session, until it has been dealt with. */
  private Request opener;

  Arrivals(
      SessionContext session,
      SessionIdentity identity,
      SessionOwner owner,
      EventLog log,
      Listeners listeners,
      Protocol protocol) {
    this.session = session;
    this.owner = owner;
    this.identity = identity;
    this.log = log;
    this.listeners = listeners;
    this.protocol = protocol;
    commandExecutor = new CommandExecutor(session, protocol);
    acceptance = new Listener.Acceptance(identity.sessionId(), owner.origin(), session.holder());
    waiting =
        new WaitingRequests(
            session.holder(),
            session.limits().maxUnsentBytes(),
            session.environment().responseBytes());
  }

  /** Why a POST of such a length would be refused; null for no reason. Any thread. */
  Refusal refusalUnread(long length) {
    return waiting.mayHold(length) ? null : WaitingRequests.TOO_MANY;
  }

  /** The request that opens the session. */
  void opens(Request request, SessionState state) {
    opener = request;
    receive(request, state);
  }

  /** A request arrives: the state decides what becomes of it, here and nowhere else. */
  void receive(Request request, SessionState state) {
    Refusal refusal = refusal(request.sessionRequest());
    if (refusal != null) {
      request.refuse(refusal);
    } else if (state == SessionState.LEAVING && !mayHearTheEnd(request) && request.opens()) {
      request.refuse(draining());
    } else if (state == SessionState.OPENING) {
      waiting.add(request);
    } else {
      serve(request, state == SessionState.ENDED);
    }
  }

  private Refusal draining() {
    return session.limits().drain().refusal(session.environment().random());
  }

  /** Of a session that is leaving: what comes now is told the same as what was there. */
  private boolean mayHearTheEnd(Request request) {
    return !protocol.comesBack() || request instanceof Request.Poll;
  }

  /** Those that wait for the dial; none waits afterwards. */
  List<Request> takeWaiting() {
    return waiting.takeAll();
  }

  /** Why the request isn't this session's; null where it is. */
  Refusal refusal(SessionRequest sessionRequest) {
    if (!owner.admits(sessionRequest.caller())) {
      return OF_ANOTHER;
    }
    return sessionRequest.mode() == identity.mode() ? null : protocol.mismatch();
  }

  /** Somebody listens, or may not have heard the end yet. */
  private void serve(Request request, boolean ended) {
    boolean opens = request == opener;
    if (opens) {
      opener = null;
    }
    if (request instanceof Request.Stream stream) {
      attach(stream, opens);
    } else if (request instanceof Request.Poll poll) {
      attach(poll, opens, ended);
    } else if (ended) {
      request.refuse(request.ofEnded());
    } else if (request instanceof Request.Post post) {
      commandExecutor.carryOut(post.batch(), acceptance, post.reply());
    }
  }

  private void attach(Request.Stream request, boolean opens) {
    Limits limits = session.limits();
    if (limits.manyListeners() && listeners.count() >= limits.maxListeners()) {
      request.refuse(new Refusal(503, "too many listeners of this session", 1));
      return;
    }
    LastEventId cursor = LastEventId.parse(request.sessionRequest().cursor());
    ResumePoint position =
        ResumePoint.of(cursor, opens, listeners.read().ofStream(), identity.sessionId(), log);
    if (breaks(opens, !position.resumed())) {
      position = ResumePoint.atEndOf(log);
    } else if (hasHeardAll(opens, cursor, position)) {
      request.refuse(request.ofEnded());
      return;
    }
    if (!makesRoomFor(request)) {
      return;
    }
    AttachedStream stream =
        new AttachedStream(request.listener(), listeners, position.number(), request.pingSeconds());
    stream.addBefore(protocol.greeting(position.greeted(), position.resumed()));
    if (announcesGap(position)) {
      session.observer().gap(position.dropped());
      stream.addBefore(session.events().encoder().gap(position.number(), position.dropped()));
    }
    listeners.attach(stream, acceptance, protocol.replaced());
  }

  private void attach(Request.Poll request, boolean opens, boolean ended) {
    LastEventId cursor = LastEventId.parse(request.sessionRequest().cursor());
    ResumePoint position =
        ResumePoint.of(cursor, opens, listeners.read().ofPoll(), identity.sessionId(), log);
    if (breaks(opens, position.missing())) {
      position = ResumePoint.atEndOf(log);
    } else if (hasHeardAll(opens, cursor, position)) {
      // One that has been told that the session leaves, and comes again, has to wait until it has.
      request.refuse(ended || !protocol.comesBack() ? request.ofEnded() : draining());
      return;
    }
    if (!makesRoomFor(request)) {
      return;
    }
    AttachedPoll poll =
        new AttachedPoll(request.listener(), listeners, position.number(), request.most());
    if (opens || position.missing() && cursor != null) {
      poll.addBefore(protocol.greeting(position.greeted(), position.resumed()));
    }
    if (announcesGap(position)) {
      session.observer().gap(position.dropped());
      poll.addBefore(session.events().encoder().gap(position.number(), position.dropped()));
      poll.countDropped(position.dropped());
    }
    listeners.attach(poll, acceptance, request.timeout().toMillis(), protocol.replaced());
  }

  /** False if the listener was refused, as there is no memory for it. */
  private boolean makesRoomFor(Request request) {
    boolean room = listeners.reserve();
    if (room) {
      session.cable().use(request.sessionRequest().caller().dial());
    } else {
      request.refuse(new Refusal(503, "too many listen", 5));
    }
    return room;
  }

  /** Ends a session that goes on, but not for this listener, and can't say so by a gap. */
  private boolean breaks(boolean opens, boolean unresumable) {
    Event last = protocol.unresumable();
    boolean breaks = last != null && listeners.last() == null && !opens && unresumable;
    if (breaks) {
      session.breakOff().accept(last);
    }
    return breaks;
  }

  /** Whether a session that is over has nothing more for this listener. */
  private boolean hasHeardAll(boolean opens, LastEventId cursor, ResumePoint position) {
    return listeners.last() != null
        && !opens
        && (cursor == null ? listeners.isLastTold() : !position.resumed());
  }

  private boolean announcesGap(ResumePoint position) {
    return position.missing() && protocol.unresumable() == null;
  }
}
