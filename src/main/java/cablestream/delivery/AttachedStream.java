package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Timers;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.log.EventLog;
import java.util.ArrayDeque;

/** A stream attached to a session: a cursor into the log, and events for this listener alone. */
public final class AttachedStream implements Listener.Attachment {
  /** The time between the two parts of a heartbeat. */
  private static final long REST_MILLIS = 500;

  private final Listener.Stream listener;
  private final Listeners listeners;
  private final EventLog log;
  private final Timers timers;
  private final Limits limits;
  private final int pingSeconds;
  private final long heartbeatNanos;
  private final Alarm heartbeat;
  private final Alarm stall;

  /** Written before the log's events: joined, gap. */
  private final ArrayDeque<Event> before = new ArrayDeque<>(2);

  /** Until the delay for reconnecting has been sent. */
  private boolean isNew = true;

  /** The number of the last event that was given to the listener. */
  long position;

  /** The number of the last event whose write has completed. */
  private long through;

  /** The number of the last event that the listener uses without a copy. */
  private long large;

  private boolean joinedPending;

  /** Whether the second part of a heartbeat remains, which precedes anything else. */
  private boolean rest;

  /** Whether that part is sent even if nothing else is. */
  private boolean restIsDue;

  /** Written when nothing else remains; then the stream ends. Set once. */
  private LastEvents.OfStream last;

  private boolean skipsLog;
  private boolean lastWritten;
  private boolean detached;

  /** When the next heartbeat begins; any other write but a ping postpones it. */
  private long heartbeatDue;

  private long stalledSince;
  private long progressThen;

  public AttachedStream(
      Listener.Stream listener, Listeners listeners, long position, int pingSeconds) {
    this.listener = listener;
    this.listeners = listeners;
    log = listeners.log;
    timers = listeners.timers;
    limits = listeners.limits;
    this.position = position;
    through = position;
    this.pingSeconds = pingSeconds;
    heartbeatNanos =
        pingSeconds > 0 ? pingSeconds * 1_000_000_000L : limits.listening().heartbeat().toNanos();
    heartbeat = new Alarm(timers, listeners.mailbox);
    stall = new Alarm(timers, listeners.mailbox);
  }

  /**
   * The number of the last event whose write has completed. Of events that were written together,
   * none has completed until the last one has.
   */
  long through() {
    noteThrough();
    return through;
  }

  /**
   * The position up to which the log may evict: a large event that is being written is in memory
   * anyway, so it stays charged.
   */
  long released() {
    if (large > through) {
      noteThrough();
    }
    return large > through ? large - 1 : position;
  }

  private void noteThrough() {
    if (through < position && listener.isThrough()) {
      through = position;
    }
  }

  boolean isClosedByPeer() {
    return listener.isClosedByPeer();
  }

  void begin(Listener.Acceptance acceptance) {
    listener.accepted(acceptance, this);
    heartbeatDue = timers.nanoTime() + heartbeatNanos;
    awaitHeartbeat();
  }

  /** Queues an event for this listener alone, before the log's events. */
  public void addBefore(Event event) {
    before.add(event);
  }

  /**
   * Announces that another stream joined; once, even if more join before this listener is ready.
   */
  void announceJoined() {
    joinedPending = true;
  }

  /** Ends the stream with this, after all events that the log has now. */
  void finishWith(LastEvents.OfStream end) {
    if (last == null) {
      last = end;
    }
  }

  /**
   * Ends the stream with this event at once; unread events are for the listener that replaces it.
   */
  void replaceWith(Event event) {
    skipsLog = true;
    joinedPending = false;
    finishWith(LastEvents.OfStream.of(event));
  }

  boolean isEnding() {
    return last != null;
  }

  /** Writes what waits, as long as the listener is ready. */
  void pump() {
    boolean wrote = false;
    boolean wroteEvents = false;
    long from = position;
    noteThrough();
    boolean hasMore = hasNext();
    while (!detached && hasMore && listener.isReady()) {
      wrote = true;
      wroteEvents |= !rest;
      writeNext();
      hasMore = hasNext();
    }
    if (wroteEvents && pingSeconds == 0) {
      heartbeatDue = timers.nanoTime() + heartbeatNanos;
    }
    if (wrote) {
      listener.flush();
      listeners.observer.written(Observer.Transport.STREAM, position - from);
    }
    if (lastWritten && !detached) {
      listener.finish();
      detach();
    } else if (!detached && hasMore) {
      watchForStall();
    } else if (!detached && large > through && !listener.isReady()) {
      watchForStall(); // it calls back once that is written, so the log can evict it
    }
  }

  @Override
  public void writable() {
    listeners.mailbox.run(() -> listeners.pump(this));
  }

  @Override
  public void gone() {
    listeners.mailbox.run(this::detach);
  }

  /** Ends the stream, even with unwritten data. */
  void abort() {
    listener.abort();
    detach();
  }

  private boolean hasNext() {
    return restIsDue
        || !before.isEmpty()
        || joinedPending
        || (!skipsLog && position < log.end())
        || (last != null && !lastWritten);
  }

  private void writeNext() {
    if (rest) {
      listener.endHeartbeat(kind());
      rest = false;
      restIsDue = false;
    } else if (!before.isEmpty()) {
      if (isNew) {
        isNew = false;
        listener.comeBackAfter(limits.listening().retryMillis(listeners.random));
      }
      listener.write(before.remove());
    } else if (joinedPending) {
      joinedPending = false;
      listener.write(listeners.owner.joinedAt(position));
    } else if (!skipsLog && position < log.end()) {
      Event event = log.eventAfter(position++);
      if (event.length() > Event.COPIED) {
        large = position;
      }
      listener.write(event);
    } else {
      lastWritten = true;
      writeLast();
    }
  }

  private void writeLast() {
    if (last.event() == null) {
      listener.comeBackAfter(last.retryMillis());
    } else {
      listener.write(last.event());
    }
  }

  private void detach() {
    if (!detached) {
      detached = true;
      heartbeat.clear();
      stall.clear();
      listeners.left(this, lastWritten && !skipsLog);
    }
  }

  private void awaitHeartbeat() {
    long left = Math.max(0, heartbeatDue - timers.nanoTime());
    heartbeat.set((left + 999_999) / 1_000_000, this::beat);
  }

  private void beat() {
    if (listener.isLost()) {
      abort();
      return;
    }
    long late = timers.nanoTime() - heartbeatDue;
    if (late < 0) {
      awaitHeartbeat();
      return;
    }
    // Counts from the due time: timers are up to a tick late, which must not accumulate. A whole
    // missed period isn't made up for.
    heartbeatDue += heartbeatNanos + (late < heartbeatNanos ? 0 : late);
    noteThrough();
    if (listener.isReady()) {
      listener.beginHeartbeat(kind());
      listener.flush();
      rest = true;
      heartbeat.set(REST_MILLIS, this::finishBeat);
    } else {
      watchForStall();
      awaitHeartbeat();
    }
  }

  /** Sends the second part, unless another write has included it. */
  private void finishBeat() {
    restIsDue = rest;
    awaitHeartbeat();
    listeners.pump(this);
  }

  private void watchForStall() {
    if (!stall.isSet()) {
      progressThen = listener.progress();
      stalledSince = timers.nanoTime();
      long first =
          Math.min(
              limits.listening().stall().toMillis(), limits.listening().soleStall().toMillis());
      stall.set(first, this::judgeStall);
    }
  }

  /**
   * Disconnects a listener that delays others, or that the container would soon disconnect in its
   * own way.
   */
  private void judgeStall() {
    if (listener.isReady()) {
      listeners.pump(this);
    } else if (listener.progress() != progressThen) {
      watchForStall();
    } else {
      long stood = millisSince(stalledSince);
      boolean holdsUpOthers = listeners.isAnyAhead(position);
      long allowed = limits.listening().soleStall().toMillis();
      if (holdsUpOthers || isEnding()) {
        allowed = Math.min(allowed, limits.listening().stall().toMillis());
      }
      if (stood >= allowed) {
        listeners.owner.stalled(stood);
        abort();
      } else {
        stall.set(Math.min(1_000, allowed - stood), this::judgeStall);
      }
    }
  }

  private Listener.Heartbeat kind() {
    return pingSeconds > 0 ? Listener.Heartbeat.PING : Listener.Heartbeat.COMMENT;
  }

  private long millisSince(long nanoTime) {
    return (timers.nanoTime() - nanoTime) / 1_000_000;
  }
}
