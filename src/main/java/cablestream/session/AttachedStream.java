package cablestream.session;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.log.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** A stream attached to a session: a cursor into the log, and what is for this listener alone. */
final class AttachedStream implements Listener.Attachment {
  /**
   * A heartbeat goes in two parts: the first write to a client that has gone succeeds and makes its
   * system answer with a reset, the second one fails.
   */
  private static final byte[][] COMMENT = {ascii(":"), ascii("\n\n")};

  private static final byte[][] PING = {ascii("event: ping\n"), ascii("data: {}\n\n")};

  /** Between the two. */
  private static final long REST_MILLIS = 500;

  private final Listener.Stream listener;
  private final Listeners listeners;
  private final Mailbox mailbox;
  private final int pingSeconds;
  private final Alarm heartbeat;
  private final Alarm stall;

  /** Written before the log's events: retry, joined, gap. */
  private final ArrayDeque<byte[]> before = new ArrayDeque<>(2);

  private long position;
  private boolean joinedPending;

  /** The second part of a heartbeat, which goes before anything else; null if there is none. */
  private byte[] rest;

  /** Whether that goes even if nothing else does. */
  private boolean restIsDue;

  /** Written when nothing is left, and then the stream ends; set once. */
  private byte[] last;

  private boolean skipsLog;
  private boolean lastWritten;
  private boolean detached;
  private long wroteAt;
  private long stalledSince;
  private long progressThen;

  AttachedStream(Listener.Stream listener, Listeners listeners, long position, int pingSeconds) {
    this.listener = listener;
    this.listeners = listeners;
    this.mailbox = listeners.mailbox();
    this.position = position;
    this.pingSeconds = pingSeconds;
    heartbeat = new Alarm(listeners.timers(), mailbox);
    stall = new Alarm(listeners.timers(), mailbox);
  }

  /** The number of the last event written. */
  long position() {
    return position;
  }

  void begin(Listener.Acceptance acceptance) {
    listener.accepted(acceptance, this);
    wroteAt = listeners.timers().nanoTime();
    heartbeat.set(heartbeatMillis(), this::beat);
  }

  /** Queues something for this listener alone, ahead of the log. */
  void addBefore(byte[] bytes) {
    before.add(bytes);
  }

  /** Somebody joined; told once, however often it happens before this listener is ready. */
  void tellJoined() {
    joinedPending = true;
  }

  /** The stream ends with these bytes after all that the log holds now. */
  void finishWith(byte[] bytes) {
    if (last == null) {
      last = bytes;
    }
  }

  /**
   * The stream ends with these bytes at once; what it hasn't read is left to whoever takes over.
   */
  void replaceWith(byte[] bytes) {
    skipsLog = true;
    joinedPending = false;
    finishWith(bytes);
  }

  boolean isEnding() {
    return last != null;
  }

  /** Writes what waits, as far as the listener takes it. */
  void pump() {
    boolean wrote = false;
    long from = position;
    while (!detached && hasNext() && listener.isReady()) {
      writeNext();
      wrote = true;
    }
    if (wrote) {
      wroteAt = listeners.timers().nanoTime();
      listener.flush();
      listeners.observer().written(Observer.Transport.STREAM, position - from);
    }
    if (lastWritten && !detached) {
      listener.finish();
      detach();
    } else if (!detached && hasNext()) {
      watchForStall();
    }
  }

  @Override
  public void writable() {
    mailbox.run(() -> listeners.pump(this));
  }

  @Override
  public void gone() {
    mailbox.run(this::detach);
  }

  /** Ends it whatever is left unwritten. */
  void abort() {
    listener.abort();
    detach();
  }

  private boolean hasNext() {
    return restIsDue
        || !before.isEmpty()
        || joinedPending
        || (!skipsLog && position < listeners.log().end())
        || (last != null && !lastWritten);
  }

  private void writeNext() {
    if (rest != null) {
      listener.write(rest);
      rest = null;
      restIsDue = false;
    } else if (!before.isEmpty()) {
      listener.write(before.remove());
    } else if (joinedPending) {
      joinedPending = false;
      listener.write(listeners.owner().joinedAt(position));
    } else if (!skipsLog && position < listeners.log().end()) {
      Event event = listeners.log().eventAfter(position++);
      listener.write(event.array(), event.start(), event.length());
    } else {
      lastWritten = true;
      listener.write(last);
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

  private long heartbeatMillis() {
    return pingSeconds > 0 ? pingSeconds * 1_000L : listeners.limits().heartbeat().toMillis();
  }

  private void beat() {
    if (listener.isLost()) {
      abort();
      return;
    }
    long left = pingSeconds > 0 ? 0 : heartbeatMillis() - millisSince(wroteAt);
    if (left > 0) {
      heartbeat.set(left, this::beat);
    } else if (listener.isReady()) {
      byte[][] parts = pingSeconds > 0 ? PING : COMMENT;
      listener.write(parts[0]);
      listener.flush();
      rest = parts[1];
      wroteAt = listeners.timers().nanoTime();
      heartbeat.set(REST_MILLIS, this::finishBeat);
    } else {
      watchForStall();
      heartbeat.set(heartbeatMillis(), this::beat);
    }
  }

  /** Unless something else was written meanwhile, which took it along. */
  private void finishBeat() {
    restIsDue = rest != null;
    heartbeat.set(heartbeatMillis() - REST_MILLIS, this::beat);
    listeners.pump(this);
  }

  private void watchForStall() {
    if (!stall.isSet()) {
      progressThen = listener.progress();
      stalledSince = listeners.timers().nanoTime();
      Limits limits = listeners.limits();
      long first = Math.min(limits.stall().toMillis(), limits.soleStall().toMillis());
      stall.set(first, this::judgeStall);
    }
  }

  /** Cuts a listener that holds up others, or that the container would soon cut in its own way. */
  private void judgeStall() {
    if (listener.isReady()) {
      listeners.pump(this);
    } else if (listener.progress() != progressThen) {
      watchForStall();
    } else {
      long stood = millisSince(stalledSince);
      boolean holdsUpOthers = listeners.isAnyAhead(position);
      long allowed = listeners.limits().soleStall().toMillis();
      if (holdsUpOthers || isEnding()) {
        allowed = Math.min(allowed, listeners.limits().stall().toMillis());
      }
      if (stood >= allowed) {
        listeners.owner().stalled(stood);
        abort();
      } else {
        stall.set(Math.min(1_000, allowed - stood), this::judgeStall);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private long millisSince(long nanoTime) {
    return (listeners.timers().nanoTime() - nanoTime) / 1_000_000;
  }
}
