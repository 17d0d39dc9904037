package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.environment.SessionWeights;
import cablestream.log.Event;
import cablestream.log.EventLog;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The listeners of one session: which are attached, what each has read, and when to write to which.
 * Inside the session's mailbox only.
 */
public final class Listeners {
  // Used by the attached listeners.
  final ListenersOwner owner;
  final EventLog log;
  final Mailbox mailbox;
  final Timers timers;
  final Limits limits;
  final Observer observer;
  final RandomGenerator random;

  // The listeners' memory, reserved before they are attached.
  private final Holder holder;

  /** Bytes of one listener in the heap. */
  private final long weight;

  /** While the session may get further listeners. */
  private boolean keepsSpare = true;

  /** Whether one listener's memory stays reserved while there is none. */
  private boolean hasSpare = true;

  private final FlushSchedule flushSchedule;
  private final List<AttachedStream> streams = new ArrayList<>(1);

  /** Replaced streams that haven't received their last event yet; nothing waits for them. */
  private final List<AttachedStream> leaving = new ArrayList<>(0);

  private AttachedPoll poll;

  // How far listeners have read, for one without a cursor: numbers of events, 0 before the first.

  /** The last event that was given to any listener. */
  private long given;

  /** The last event whose write to any listener has completed. */
  private long written;

  /** The last event of the last poll's answer; negative before the first. */
  private long polled = -1;

  /** Whether there has ever been a listener. */
  private boolean hadListener;

  /** The position at which the last listener left; used while none is attached. */
  private long leftPosition;

  /** The session's last event, once it has ended. */
  private Event last;

  private boolean endWritten;

  public Listeners(
      ListenersOwner owner, EventLog log, Mailbox mailbox, Holder holder, Environment environment) {
    this.owner = owner;
    this.log = log;
    this.mailbox = mailbox;
    timers = environment.timers();
    limits = environment.limits();
    observer = environment.observer();
    random = environment.random();
    this.holder = holder;
    weight = SessionWeights.ATTACHED + environment.responseBytes();
    flushSchedule = new FlushSchedule(timers, observer, mailbox, this::writeAll);
  }

  /** The session's last event; null until it ends. */
  public Event last() {
    return last;
  }

  /** Whether some listener has received the session's last event. */
  public boolean isEndWritten() {
    return endWritten;
  }

  /** The number of attached streams and polls. */
  public int count() {
    return streams.size() + (poll == null ? 0 : 1);
  }

  public boolean isEmpty() {
    return streams.isEmpty() && poll == null;
  }

  /** Whether the client of any listener is still connected, as far as is known. */
  public boolean isAwaited() {
    return !streams.stream().allMatch(AttachedStream::isClosedByPeer)
        || poll != null && !poll.isClosedByPeer();
  }

  /** Whether no listener remains, not even a replaced one. */
  public boolean isAllDetached() {
    return isEmpty() && leaving.isEmpty();
  }

  /** The position of a stream without a cursor. */
  public long beginOfStream() {
    return limits.listening().many() ? log.end() : writtenByNow();
  }

  /**
   * The position of a poll without a cursor; older than the log's oldest position if events were
   * lost.
   */
  public long beginOfPoll() {
    if (!limits.listening().many() || !hadListener) {
      return writtenByNow();
    }
    return polled < 0 ? log.end() : polled;
  }

  private long writtenByNow() {
    streams.forEach(stream -> written(stream.through()));
    return written;
  }

  /** Reserves memory for one more listener, which must then be attached. */
  public boolean reserve() {
    if (hasSpare) {
      hasSpare = false;
      return true;
    }
    return holder.reserve(Kind.LISTENER, weight);
  }

  /**
   * Releases a listener's memory. That of the last one stays reserved for the session, so that a
   * listener that reconnects, for example with the next poll, finds room whatever strangers have
   * reserved meanwhile.
   */
  private void release() {
    if (keepsSpare && !hasSpare && isEmpty()) {
      hasSpare = true;
    } else {
      holder.release(Kind.LISTENER, weight);
    }
  }

  /** The listener that replaces this one has reserved its own memory. */
  private void releaseReplaced() {
    holder.release(Kind.LISTENER, weight);
  }

  /** The session has ended: further listeners receive only its last event. */
  public void keepNoSpare() {
    keepsSpare = false;
    if (hasSpare) {
      hasSpare = false;
      holder.release(Kind.LISTENER, weight);
    }
  }

  /** Attaches a stream whose opening events are queued already; the other streams are notified. */
  public void attach(AttachedStream stream, Listener.Acceptance acceptance) {
    observer.attached(Observer.Transport.STREAM);
    log.pin(stream.position);
    makeRoom();
    hadListener = true;
    List<AttachedStream> others = List.copyOf(streams);
    streams.add(stream);
    log.unpin();
    stream.begin(acceptance);
    if (last != null) {
      stream.finishWith(LastEvents.OfStream.of(last));
    }
    others.forEach(AttachedStream::announceJoined);
    others.forEach(this::pump);
    pump(stream);
  }

  /** Attaches a poll, which answers at once if there are events. */
  public void attach(AttachedPoll arriving, Listener.Acceptance acceptance, long timeoutMillis) {
    observer.attached(Observer.Transport.POLL);
    log.pin(arriving.position());
    makeRoom();
    replacePoll();
    hadListener = true;
    poll = arriving;
    log.unpin();
    moved();
    arriving.begin(acceptance);
    if (arriving.hasEvents() || timeoutMillis == 0) {
      arriving.answer();
    } else {
      arriving.await(timeoutMillis);
    }
  }

  /** The number of the event that is appended next. */
  public long nextNumber() {
    return log.nextNumber();
  }

  /** Appends an event, numbered as the next one, and writes it to all listeners, now or soon. */
  public void append(Event event) {
    int length = event.length();
    long number = event.number();
    log.append(event);
    observer.logged(length);
    flushSchedule.appended(number, !isEmpty());
  }

  /** The session has ended: all listeners receive the log's events, then this, and are detached. */
  public void finishAll(LastEvents lastEvents) {
    last = lastEvents.ofPolls();
    streams.forEach(stream -> stream.finishWith(lastEvents.ofStreams()));
    flushSchedule.flush();
  }

  /** Ends all listeners, even with unwritten data. */
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
    givenUpTo(stream.position, Observer.Transport.STREAM);
    moved();
  }

  /** Called by a stream that has finished or disconnected. */
  void left(AttachedStream stream, boolean wroteEnd) {
    observer.left(Observer.Transport.STREAM);
    owner.streamLeft();
    boolean replaced = leaving.remove(stream);
    if (replaced) {
      releaseReplaced();
      if (isAllDetached()) {
        owner.allDetached();
      }
    } else {
      streams.remove(stream);
      release();
      endWritten |= wroteEnd;
      written(stream.through());
      leftAt(stream.through());
    }
  }

  /** Called by a poll that answers. */
  void answered(AttachedPoll answering, long from, long to, boolean wroteEnd) {
    endWritten |= wroteEnd;
    polled = to;
    givenUpTo(to, Observer.Transport.POLL);
    written(to);
    if (streams.isEmpty()) {
      // The answer may get lost, and the client ask for it again.
      log.pin(from);
    }
    left(answering, to);
  }

  /** Called by a poll that won't answer with events. */
  void left(AttachedPoll leaving, long position) {
    observer.left(Observer.Transport.POLL);
    if (poll == leaving) {
      poll = null;
      release();
      leftAt(position);
    } else {
      releaseReplaced();
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

  private void writeAll() {
    long before = given;
    if (streams.size() == 1) {
      pump(streams.get(0));
    } else {
      List.copyOf(streams).forEach(this::pump);
    }
    if (given > before) {
      flushSchedule.delivered(Observer.Transport.STREAM);
    }
    before = given;
    if (poll != null && poll.hasEvents()) {
      poll.answer();
    }
    if (given > before) {
      flushSchedule.delivered(Observer.Transport.POLL);
    }
  }

  private void givenUpTo(long position, Observer.Transport transport) {
    given = Math.max(given, position);
    flushSchedule.writtenUpTo(given, transport);
  }

  /** Where only one listener is allowed, the newest replaces the others. */
  private void makeRoom() {
    if (limits.listening().many()) {
      return;
    }
    List<AttachedStream> replaced = List.copyOf(streams);
    leaving.addAll(replaced);
    streams.clear();
    for (AttachedStream stream : replaced) {
      leftPosition = stream.through();
      stream.replaceWith(owner.replaced());
      stream.pump();
    }
    replacePoll();
  }

  /** Answers the waiting poll without messages: another listener replaces it. */
  private void replacePoll() {
    AttachedPoll replaced = poll;
    poll = null;
    if (replaced != null) {
      replaced.answerEmpty();
    }
  }

  private void leftAt(long position) {
    leftPosition = position;
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
    return slowest == Long.MAX_VALUE ? leftPosition : slowest;
  }
}
