package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.concurrent.Mailbox;
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
  private final Delivery delivery;
  private final ListenerMemory memory;
  private final FlushSchedule flushSchedule;

  private final List<AttachedStream> streams = new ArrayList<>(1);

  /** Replaced streams that haven't taken their last event yet; nothing waits for them. */
  private final List<AttachedStream> leaving = new ArrayList<>(0);

  private AttachedPoll poll;

  /** How far has been read, as far as is known. */
  private final ReadPositions read;

  /** The session's last event, once it is over. */
  private Event last;

  private boolean lastTold;

  public Listeners(
      ListenersOwner owner, EventLog log, Mailbox mailbox, Holder holder, Environment environment) {
    memory = new ListenerMemory(holder, environment.responseBytes());
    flushSchedule = new FlushSchedule(environment, mailbox, this::flushAll);
    Limits limits = environment.limits();
    delivery =
        new Delivery(owner, log, mailbox, environment.timers(), limits, environment.observer());
    read = new ReadPositions(log, limits.manyListeners());
  }

  /** What those who are attached work with. */
  Delivery delivery() {
    return delivery;
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
  public boolean isDeserted() {
    return isEmpty() && leaving.isEmpty();
  }

  /** How far has been read up to now, also by those who are attached. */
  public ReadPositions read() {
    streams.forEach(stream -> read.written(stream.through()));
    return read;
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
    delivery.observer().attached(Observer.Transport.STREAM);
    delivery.log().pin(stream.position());
    makeRoom(replacement);
    read.heard();
    List<AttachedStream> others = List.copyOf(streams);
    streams.add(stream);
    delivery.log().unpin();
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
    delivery.observer().attached(Observer.Transport.POLL);
    delivery.log().pin(arriving.position());
    makeRoom(replacement);
    if (poll != null) {
      poll.answerEmpty();
    }
    read.heard();
    poll = arriving;
    delivery.log().unpin();
    moved();
    arriving.begin(acceptance, timeoutMillis);
    if (arriving.hasEvents() || timeoutMillis == 0) {
      arriving.answer();
    }
  }

  /** An event was appended. */
  void appended() {
    flushSchedule.appended(delivery.log().end(), !isEmpty());
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
    takenUpTo(stream.position(), Observer.Transport.STREAM);
    moved();
  }

  /** Called by a stream that is finished or gone. */
  void left(AttachedStream stream, boolean toldLast) {
    delivery.observer().left(Observer.Transport.STREAM);
    boolean replaced = leaving.remove(stream);
    streams.remove(stream);
    memory.giveBack(isEmpty());
    if (!replaced) {
      lastTold |= toldLast;
      read.written(stream.through());
      leftAt(stream.through());
    } else if (isDeserted()) {
      delivery.owner().deserted();
    }
  }

  /** Called by a poll that answers. */
  void answered(AttachedPoll answering, long from, long to, boolean toldLast) {
    lastTold |= toldLast;
    read.polled(to);
    takenUpTo(to, Observer.Transport.POLL);
    read.written(to);
    if (streams.isEmpty()) {
      // The answer may be lost on the way and asked for again.
      delivery.log().pin(from);
    }
    left(answering, to);
  }

  /** Called by a poll that won't answer with events any more. */
  void left(AttachedPoll leaving, long position) {
    delivery.observer().left(Observer.Transport.POLL);
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
    return streams.stream().anyMatch(stream -> stream.position() > position)
        || poll != null && poll.position() > position;
  }

  private void flushAll() {
    flushSchedule.begins();
    long before = read.taken();
    if (streams.size() == 1) {
      pump(streams.get(0));
    } else {
      List.copyOf(streams).forEach(this::pump);
    }
    delivered(Observer.Transport.STREAM, before);
    before = read.taken();
    if (poll != null && poll.hasEvents()) {
      poll.answer();
    }
    delivered(Observer.Transport.POLL, before);
    flushSchedule.ends();
  }

  private void delivered(Observer.Transport transport, long before) {
    if (read.taken() > before) {
      flushSchedule.delivered(transport);
    }
  }

  private void takenUpTo(long position, Observer.Transport transport) {
    read.taken(position);
    flushSchedule.writtenUpTo(read.taken(), transport);
  }

  /** The newest takes over where there may be only one. */
  private void makeRoom(Event replacement) {
    if (delivery.limits().manyListeners()) {
      return;
    }
    List<AttachedStream> replaced = List.copyOf(streams);
    leaving.addAll(replaced);
    streams.clear();
    for (AttachedStream stream : replaced) {
      read.left(stream.through());
      stream.replaceWith(replacement);
      stream.pump();
    }
    if (poll != null) {
      poll.answerEmpty();
    }
  }

  private void leftAt(long position) {
    read.left(position);
    moved();
    if (isEmpty()) {
      delivery.owner().lastListenerLeft();
      if (leaving.isEmpty()) {
        delivery.owner().deserted();
      }
    }
  }

  private void moved() {
    delivery.log().slowestCursorAt(Math.max(slowest(), delivery.log().oldest()));
    delivery.owner().cursorsMoved();
  }

  private long slowest() {
    long slowest = poll == null ? Long.MAX_VALUE : poll.position();
    for (AttachedStream stream : streams) {
      slowest = Math.min(slowest, stream.position());
    }
    return slowest == Long.MAX_VALUE ? read.left() : slowest;
  }
}
