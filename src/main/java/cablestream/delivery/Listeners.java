package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.log.EventLog;
import cablestream.memory.Holder;
import java.util.ArrayList;
import java.util.List;

/**
 * The listeners of one session: who is attached, who has read how far, and when to write to whom.
 * Inside the session's mailbox only.
 */
public final class Listeners {
  // What those who are attached work with.
  final ListenersOwner owner;
  final EventLog log;
  final Mailbox mailbox;
  final Timers timers;
  final Limits limits;
  final Observer observer;

  private final ListenerMemory memory;
  private final FlushSchedule flushSchedule;
  private final List<AttachedStream> streams = new ArrayList<>(1);

  /** Replaced streams that haven't taken their last event yet; nothing waits for them. */
  private final List<AttachedStream> leaving = new ArrayList<>(0);

  private AttachedPoll poll;

  // How far has been read, for who comes without a cursor: numbers of events, 0 before the first.

  /** After the last event that any listener has taken. */
  private long taken;

  /** After the last event whose write to any listener has completed. */
  private long written;

  /** After the last poll's answer; negative before the first. */
  private long polled = -1;

  /** Whether anybody has ever listened. */
  private boolean heard;

  /** Where the last listener stood when it left: what counts while nobody is attached. */
  private long left;

  /** The session's last event, once it is over. */
  private Event last;

  private boolean lastTold;

  public Listeners(
      ListenersOwner owner, EventLog log, Mailbox mailbox, Holder holder, Environment environment) {
    this.owner = owner;
    this.log = log;
    this.mailbox = mailbox;
    timers = environment.timers();
    limits = environment.limits();
    observer = environment.observer();
    memory = new ListenerMemory(holder, environment.responseBytes());
    flushSchedule = new FlushSchedule(timers, observer, mailbox, this::flushAll);
  }

  /** The session's last event; null while it goes on. */
  public Event last() {
    return last;
  }

  /** Whether some listener has been given the session's last event. */
  public boolean isLastTold() {
    return lastTold;
  }

  /** Streams and polls attached now. */
  public int count() {
    return streams.size() + (poll == null ? 0 : 1);
  }

  public boolean isEmpty() {
    return streams.isEmpty() && poll == null;
  }

  /** Whether nobody is left whom anything has to be written to. */
  public boolean isAllDetached() {
    return isEmpty() && leaving.isEmpty();
  }

  /** Where a stream without a cursor begins. */
  public long beginOfStream() {
    return limits.listening().many() ? log.end() : writtenByNow();
  }

  /**
   * Where a poll without a cursor begins; older than the log's oldest position if events were lost.
   */
  public long beginOfPoll() {
    if (!limits.listening().many() || !heard) {
      return writtenByNow();
    }
    return polled < 0 ? log.end() : polled;
  }

  private long writtenByNow() {
    streams.forEach(stream -> written(stream.through()));
    return written;
  }

  /** Whether there is memory for one more, which is then to be attached. */
  public boolean reserve() {
    return memory.reserve();
  }

  /** The session has ended: nobody new is attached but for its last event. */
  public void keepNoSpare() {
    memory.keepNoSpare();
  }

  /**
   * Attaches a stream, whose opening events are queued already; all others learn of it.
   *
   * @param replacement the last event of those who have to make room
   */
  public void attach(AttachedStream stream, Listener.Acceptance acceptance, Event replacement) {
    observer.attached(Observer.Transport.STREAM);
    log.pin(stream.position);
    makeRoom(replacement);
    heard = true;
    List<AttachedStream> others = List.copyOf(streams);
    streams.add(stream);
    log.unpin();
    stream.begin(acceptance);
    if (last != null) {
      stream.finishWith(LastEvents.OfStream.of(last));
    }
    others.forEach(AttachedStream::tellJoined);
    others.forEach(this::pump);
    pump(stream);
  }

  /** Attaches a poll, which answers at once if there is anything to say. */
  public void attach(
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

  /** The number of the event that is appended next. */
  public long nextNumber() {
    return log.nextNumber();
  }

  /** Puts an event into the log, numbered as the next one, and writes it to all, now or soon. */
  public void append(Event event) {
    int length = event.length();
    long number = event.number();
    log.append(event);
    observer.logged(length);
    flushSchedule.appended(number, !isEmpty());
  }

  /** The session is over: everybody gets what the log holds, then this, and leaves. */
  public void finishAll(LastEvents lastEvents) {
    last = lastEvents.ofPolls();
    streams.forEach(stream -> stream.finishWith(lastEvents.ofStreams()));
    flushAll();
  }

  /** Ends all of them, whatever is left unwritten. */
  public void abortAll() {
    List.copyOf(leaving).forEach(AttachedStream::abort);
    List.copyOf(streams).forEach(AttachedStream::abort);
    if (poll != null) {
      poll.answerEmpty();
    }
  }

  /** Writes to one stream what waits for it. */
  void pump(AttachedStream stream) {
    stream.pump();
    takenUpTo(stream.position, Observer.Transport.STREAM);
    moved();
  }

  /** Called by a stream that is finished or gone. */
  void left(AttachedStream stream, boolean toldLast) {
    observer.left(Observer.Transport.STREAM);
    owner.streamLeft();
    boolean replaced = leaving.remove(stream);
    streams.remove(stream);
    memory.giveBack(isEmpty());
    if (!replaced) {
      lastTold |= toldLast;
      written(stream.through());
      leftAt(stream.through());
    } else if (isAllDetached()) {
      owner.allDetached();
    }
  }

  /** Called by a poll that answers. */
  void answered(AttachedPoll answering, long from, long to, boolean toldLast) {
    lastTold |= toldLast;
    polled = to;
    takenUpTo(to, Observer.Transport.POLL);
    written(to);
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
    memory.giveBack(isEmpty());
    if (!replaced) {
      leftAt(position);
    }
  }

  public int streamCount() {
    return streams.size();
  }

  /** Whether some other cursor is ahead of this position. */
  boolean isAnyAhead(long position) {
    return streams.stream().anyMatch(stream -> stream.position > position)
        || poll != null && poll.position() > position;
  }

  private void flushAll() {
    flushSchedule.begins();
    long before = taken;
    if (streams.size() == 1) {
      pump(streams.get(0));
    } else {
      List.copyOf(streams).forEach(this::pump);
    }
    if (taken > before) {
      flushSchedule.delivered(Observer.Transport.STREAM);
    }
    before = taken;
    if (poll != null && poll.hasEvents()) {
      poll.answer();
    }
    if (taken > before) {
      flushSchedule.delivered(Observer.Transport.POLL);
    }
    flushSchedule.ends();
  }

  private void takenUpTo(long position, Observer.Transport transport) {
    taken = Math.max(taken, position);
    flushSchedule.writtenUpTo(taken, transport);
  }

  /** The newest takes over where there may be only one. */
  private void makeRoom(Event replacement) {
    if (limits.listening().many()) {
      return;
    }
    List<AttachedStream> replaced = List.copyOf(streams);
    leaving.addAll(replaced);
    streams.clear();
    for (AttachedStream stream : replaced) {
      left = stream.through();
      stream.replaceWith(replacement);
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
        owner.allDetached();
      }
    }
  }

  private void written(long position) {
    written = Math.max(written, position);
  }

  private void moved() {
    log.slowestCursorAt(Math.max(slowest(), log.oldest()));
  }

  private long slowest() {
    long slowest = poll == null ? Long.MAX_VALUE : poll.position();
    for (AttachedStream stream : streams) {
      slowest = Math.min(slowest, stream.released());
    }
    return slowest == Long.MAX_VALUE ? left : slowest;
  }
}
