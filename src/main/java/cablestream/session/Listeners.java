package cablestream.session;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.log.Event;
import cablestream.log.EventLog;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * The listeners of one session: who is attached, who has read how far, and when to write to whom.
 * Inside the session's mailbox only.
 */
final class Listeners {
  /** What the listeners tell their session. */
  interface Owner {
    /** The slowest cursor has moved, so there may be room in the log. */
    void cursorsMoved();

    /** Nobody is attached any more; replaced streams may still have to take their last event. */
    void lastListenerLeft();

    /** Those have gone too. */
    void deserted();

    /** The {@code joined} event for those who were there before. */
    byte[] joinedAt(long position);

    /** A stalled listener is being cut. */
    void stalled(long milliseconds);

    /** The answer of a poll. */
    Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength);
  }

  /**
   * A session that has been idle for so long is written to at once; one that has not waits for a
   * flush that takes all that has gathered, since a system call costs more than an event.
   */
  private static final long IDLE_NANOS = 200_000;

  private final Owner owner;
  private final EventLog log;
  private final Mailbox mailbox;
  private final Holder holder;
  private final Timers timers;
  private final Limits limits;
  private final Observer observer;

  /** Of each in the heap. */
  private final long weight;

  private final List<AttachedStream> streams = new ArrayList<>(1);

  /** Replaced streams that haven't taken their last event yet; nothing waits for them. */
  private final List<AttachedStream> leaving = new ArrayList<>(0);

  private AttachedPoll poll;

  /** After the last event written to any listener: where one without a cursor continues. */
  private long written;

  /** After the last poll's answer: where the next poll continues; negative before the first. */
  private long polled = -1;

  /** Whether anybody has ever listened. */
  private boolean heard;

  /** Where the last listener stood when it left: what counts while nobody is attached. */
  private long left;

  /** The session's last event, once it is over. */
  private Event last;

  private boolean lastTold;
  private boolean flushScheduled;
  private long latestFlush;

  /** Whether events wait for the next flush, and when the first of them was appended. */
  private boolean gathers;

  private long gathersSince;

  /** While the session may be listened to again. */
  private boolean keepsSpare = true;

  /** Whether what one listener is charged is held, though nobody listens. */
  private boolean hasSpare;

  private final WaitSample wait;

  Listeners(Owner owner, EventLog log, Mailbox mailbox, Holder holder, Environment environment) {
    this.owner = owner;
    this.log = log;
    this.mailbox = mailbox;
    this.holder = holder;
    timers = environment.timers();
    limits = environment.limits();
    observer = environment.observer();
    weight = SessionWeights.ATTACHED + environment.responseBytes();
    latestFlush = timers.nanoTime() - IDLE_NANOS;
    wait = new WaitSample(timers.nanoTime());
  }

  EventLog log() {
    return log;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Timers timers() {
    return timers;
  }

  Limits limits() {
    return limits;
  }

  Observer observer() {
    return observer;
  }

  /** The session's last event; null while it goes on. */
  Event last() {
    return last;
  }

  /** Whether some listener has been given the session's last event. */
  boolean isLastTold() {
    return lastTold;
  }

  /** Streams and polls attached now. */
  int count() {
    return streams.size() + (poll == null ? 0 : 1);
  }

  boolean isEmpty() {
    return streams.isEmpty() && poll == null;
  }

  /** Whether nobody is left whom anything has to be written to. */
  boolean isDeserted() {
    return isEmpty() && leaving.isEmpty();
  }

  /** Where a stream without a cursor begins. */
  long continuation() {
    return limits.manyListeners() ? log.end() : written;
  }

  /**
   * Where a poll without a cursor begins; older than the log's oldest position if events were lost.
   */
  long pollContinuation() {
    if (!limits.manyListeners() || !heard) {
      return written;
    }
    return polled < 0 ? log.end() : polled;
  }

  /** Whether there is memory for one more, which is then to be attached. */
  boolean reserve() {
    if (hasSpare) {
      hasSpare = false;
      return true;
    }
    return holder.take(Kind.LISTENER, weight);
  }

  /**
   * The memory of the last one stays the session's, so that who comes back finds room, after a poll
   * say, whatever strangers have taken meanwhile.
   */
  private void giveBack() {
    if (keepsSpare && !hasSpare && isEmpty()) {
      hasSpare = true;
    } else {
      holder.giveBack(Kind.LISTENER, weight);
    }
  }

  /** The session has ended: nobody new is attached but for its last event. */
  void keepNoSpare() {
    keepsSpare = false;
    if (hasSpare) {
      hasSpare = false;
      holder.giveBack(Kind.LISTENER, weight);
    }
  }

  /**
   * Attaches a stream, whose opening events are queued already; all others learn of it.
   *
   * @param replacement the last event of those who have to make room
   */
  void attach(AttachedStream stream, Listener.Acceptance acceptance, Event replacement) {
    observer.attached(Observer.Transport.STREAM);
    log.pin(stream.position());
    makeRoom(replacement);
    heard = true;
    List<AttachedStream> others = List.copyOf(streams);
    streams.add(stream);
    log.unpin();
    stream.begin(acceptance);
    if (last != null) {
      stream.finishWith(last.bytes());
    }
    others.forEach(AttachedStream::tellJoined);
    others.forEach(this::pump);
    pump(stream);
  }

  /** Attaches a poll, which answers at once if there is anything to say. */
  void attach(
      AttachedPoll arriving,
      Listener.Acceptance acceptance,
      long timeoutMillis,
      Event replacement) {
    observer.attached(Observer.Transport.POLL);
    log.pin(arriving.position());
    makeRoom(replacement);
    if (poll != null) {
      poll.answerEmpty();
    }
    heard = true;
    poll = arriving;
    log.unpin();
    moved();
    arriving.begin(acceptance, timeoutMillis);
    if (arriving.hasEvents() || timeoutMillis == 0) {
      arriving.answer();
    }
  }

  /** An event was appended: writes it now, or soon together with those that follow at once. */
  void appended() {
    if (flushScheduled) {
      return;
    }
    long now = timers.nanoTime();
    wait.appended(log.end(), now);
    if (isEmpty()) {
      return;
    }
    gathers = true;
    gathersSince = now;
    if (now - latestFlush >= IDLE_NANOS) {
      flushAll();
    } else {
      flushScheduled = true;
      mailbox.defer(this::flushAll);
    }
  }

  /** The session is over: everybody gets what the log holds, then this, and leaves. */
  void finishAll(LastEvents lastEvents) {
    last = lastEvents.ofPolls();
    streams.forEach(stream -> stream.finishWith(lastEvents.ofStreams()));
    flushAll();
  }

  /** Ends all of them, whatever is left unwritten. */
  void abortAll() {
    List.copyOf(leaving).forEach(AttachedStream::abort);
    List.copyOf(streams).forEach(AttachedStream::abort);
    if (poll != null) {
      poll.answerEmpty();
    }
  }

  /** Writes to one stream what waits for it. */
  void pump(AttachedStream stream) {
    stream.pump();
    writtenUpTo(stream.position(), Observer.Transport.STREAM);
    moved();
  }

  /** Called by a stream that is finished or gone. */
  void left(AttachedStream stream, boolean toldLast) {
    observer.left(Observer.Transport.STREAM);
    boolean replaced = leaving.remove(stream);
    streams.remove(stream);
    giveBack();
    if (!replaced) {
      lastTold |= toldLast;
      written = Math.max(written, stream.position());
      leftAt(stream.position());
    } else if (isDeserted()) {
      owner.deserted();
    }
  }

  /** Called by a poll that answers. */
  void answered(AttachedPoll answering, long from, long to, boolean toldLast) {
    lastTold |= toldLast;
    polled = to;
    writtenUpTo(to, Observer.Transport.POLL);
    if (streams.isEmpty()) {
      // The answer may be lost on the way and asked for again.
      log.pin(from);
    }
    left(answering, to);
  }

  /** Called by a poll that won't answer with events any more. */
  void left(AttachedPoll leaving, long position) {
    observer.left(Observer.Transport.POLL);
    boolean replaced = poll != leaving;
    if (!replaced) {
      poll = null;
    }
    giveBack();
    if (!replaced) {
      leftAt(position);
    }
  }

  int streamCount() {
    return streams.size();
  }

  /** Whether some other cursor is ahead of this position. */
  boolean isAnyAhead(long position) {
    return streams.stream().anyMatch(stream -> stream.position() > position)
        || poll != null && poll.position() > position;
  }

  void stalled(long milliseconds) {
    owner.stalled(milliseconds);
  }

  byte[] joinedAt(long position) {
    return owner.joinedAt(position);
  }

  Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return owner.pollAnswer(events, dropped, queueLength);
  }

  private void flushAll() {
    flushScheduled = false;
    latestFlush = timers.nanoTime();
    long before = written;
    if (streams.size() == 1) {
      pump(streams.get(0));
    } else {
      List.copyOf(streams).forEach(this::pump);
    }
    delivered(Observer.Transport.STREAM, before);
    before = written;
    if (poll != null && poll.hasEvents()) {
      poll.answer();
    }
    delivered(Observer.Transport.POLL, before);
    gathers = false;
  }

  private void writtenUpTo(long position, Observer.Transport transport) {
    written = Math.max(written, position);
    if (wait.isWithin(written)) {
      observer.waited(transport, wait.end(timers.nanoTime()));
    }
  }

  private void delivered(Observer.Transport transport, long before) {
    if (gathers && written > before) {
      observer.delivered(transport, timers.nanoTime() - gathersSince);
    }
  }

  /** The newest takes over where there may be only one. */
  private void makeRoom(Event replacement) {
    if (limits.manyListeners()) {
      return;
    }
    List<AttachedStream> replaced = List.copyOf(streams);
    leaving.addAll(replaced);
    streams.clear();
    for (AttachedStream stream : replaced) {
      left = stream.position();
      stream.replaceWith(replacement.bytes());
      stream.pump();
    }
    if (poll != null) {
      poll.answerEmpty();
    }
  }

  private void leftAt(long position) {
    left = position;
    moved();
    if (isEmpty()) {
      owner.lastListenerLeft();
      if (leaving.isEmpty()) {
        owner.deserted();
      }
    }
  }

  private void moved() {
    log.slowestCursorAt(Math.max(slowest(), log.oldest()));
    owner.cursorsMoved();
  }

  private long slowest() {
    long slowest = poll == null ? Long.MAX_VALUE : poll.position();
    for (AttachedStream stream : streams) {
      slowest = Math.min(slowest, stream.position());
    }
    return slowest == Long.MAX_VALUE ? left : slowest;
  }
}
