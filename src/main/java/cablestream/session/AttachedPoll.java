package cablestream.session;

import java.util.ArrayList;
import java.util.List;

/** A long poll attached to a session: a cursor that answers once. */
final class AttachedPoll implements Listener.Attachment {
  private final Listener.Poll listener;
  private final Listeners listeners;
  private final int most;
  private final Alarm timeout;
  private final List<Event> before = new ArrayList<>(2);
  private final long position;
  private Long dropped = 0L;
  private boolean detached;

  AttachedPoll(Listener.Poll listener, Listeners listeners, long position, int most) {
    this.listener = listener;
    this.listeners = listeners;
    this.position = position;
    this.most = most;
    timeout = new Alarm(listeners.timers(), listeners.mailbox());
  }

  long position() {
    return position;
  }

  void addBefore(Event event) {
    before.add(event);
  }

  /** A gap came before what this poll answers; null where its size can't be known. */
  void countDropped(Long events) {
    dropped = events;
  }

  void begin(Listener.Acceptance acceptance, long timeoutMillis) {
    listener.accepted(acceptance, this);
    if (!detached) {
      timeout.set(timeoutMillis, this::answer);
    }
  }

  boolean hasEvents() {
    return !before.isEmpty() || position < listeners.log().end() || listeners.last() != null;
  }

  /** Answers with what waits, maybe nothing. */
  void answer() {
    if (detached) {
      return;
    }
    EventLog log = listeners.log();
    List<Event> events = new ArrayList<>(before);
    long end = position;
    while (end < log.end() && events.size() < Math.max(most, before.size())) {
      Event event = log.eventAfter(end++);
      events.add(event);
      countGap(event);
    }
    boolean saysLast = end == log.end() && listeners.last() != null;
    if (saysLast) {
      events.add(listeners.last());
    }
    detach();
    listeners.observer().written(Observer.Transport.POLL, end - position);
    listeners.answered(this, position, end, saysLast);
    listener.answer(listeners.pollAnswer(events, dropped, (int) (log.end() - end)));
  }

  /** Answers with no messages: another has taken over. */
  void answerEmpty() {
    if (!detached) {
      detach();
      listeners.left(this, position);
      int waiting = (int) (listeners.log().end() - position);
      listener.answer(listeners.pollAnswer(List.of(), 0L, waiting));
    }
  }

  @Override
  public void writable() {
    // A poll is written at once, by itself.
  }

  @Override
  public void gone() {
    listeners
        .mailbox()
        .run(
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

  private void countGap(Event event) {
    if (event.isGap() && dropped != null) {
      dropped += 1;
    }
  }
}
