package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.concurrent.Alarm;
import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.log.EventLog;
import java.util.ArrayList;
import java.util.List;

/** A long poll attached to a session: a cursor that answers once. */
public final class AttachedPoll implements Listener.Attachment {
  private final Listener.Poll listener;
  private final Listeners listeners;
  private final EventLog log;
  private final int max;
  private final Alarm timeout;
  private final List<Event> before = new ArrayList<>(2);
  private final long position;
  private Long dropped = 0L;
  private boolean detached;

  public AttachedPoll(Listener.Poll listener, Listeners listeners, long position, int max) {
    this.listener = listener;
    this.listeners = listeners;
    log = listeners.log;
    this.position = position;
    this.max = max;
    timeout = new Alarm(listeners.timers, listeners.mailbox);
  }

  boolean isClosedByPeer() {
    return listener.isClosedByPeer();
  }

  long position() {
    return position;
  }

  public void addBefore(Event event) {
    before.add(event);
  }

  /** A gap precedes the answer of this poll; null if its size is unknown. */
  public void countDropped(Long events) {
    dropped = events;
  }

  void begin(Listener.Acceptance acceptance) {
    listener.accepted(acceptance, this);
  }

  /** Answers after this time, even without events. */
  void await(long timeoutMillis) {
    timeout.set(timeoutMillis, this::answer);
  }

  boolean hasEvents() {
    return !before.isEmpty() || position < log.end() || listeners.last() != null;
  }

  /**
   * Answers with what the log has, possibly nothing. If memory is short, with fewer events; the
   * others wait for the next poll.
   */
  void answer() {
    int count = (int) Math.min(max(), log.end() - position);
    Listener.PollAnswer answer = upTo(position + count);
    while (count > 0 && !listener.reserve(answer)) {
      count /= 2;
      answer = upTo(position + count);
    }
    long end = position + count;
    detach();
    listeners.observer.written(Observer.Transport.POLL, end - position);
    listeners.answered(this, position, end, includesLast(end));
    listener.answer(answer);
  }

  /** The number of events from the log; the event for this poll alone also counts. */
  private int max() {
    return Math.max(0, max - before.size());
  }

  private Listener.PollAnswer upTo(long end) {
    List<Event> events = new ArrayList<>(before);
    Long gaps = dropped;
    for (long at = position; at < end; at++) {
      Event event = log.eventAfter(at);
      events.add(event);
      gaps = event.kind() == Event.Kind.GAP && gaps != null ? Long.valueOf(gaps + 1) : gaps;
    }
    if (includesLast(end)) {
      events.add(listeners.last());
    }
    return listeners.owner.pollAnswer(events, gaps, (int) (log.end() - end));
  }

  private boolean includesLast(long end) {
    return end == log.end() && listeners.last() != null;
  }

  /** Answers without messages: another listener has replaced this one. */
  void answerEmpty() {
    detach();
    listeners.left(this, position);
    int waiting = (int) (log.end() - position);
    listener.answer(listeners.owner.pollAnswer(List.of(), 0L, waiting));
  }

  @Override
  public void writable() {
    // A poll's answer is written at once, without the owner.
  }

  @Override
  public void gone() {
    listeners.mailbox.run(
        () -> {
          if (!detached) {
            detach();
            listeners.left(this, position);
          }
        });
  }

  private void detach() {
    detached = true;
    timeout.clear();
  }
}
