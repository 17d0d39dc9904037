package cablestream.log;

import cablestream.memory.Account;
import cablestream.memory.Kind;

/**
 * A session's events, numbered from 1, each encoded once. Each reader has a cursor, a
 * <em>position</em>: the number of the last event read, initially 0.
 *
 * <p>The events before the slowest cursor are the <em>history</em>, kept within bounds for
 * listeners that reconnect. The others are the <em>backlog</em>, which is never dropped: when it is
 * full, the session stops reading the cable.
 */
public final class EventLog implements EventEncoder.Room {
  /**
   * What an event costs in addition to its bytes: its entry in the ring, and unused space in
   * blocks.
   */
  static final int OVERHEAD = 48;

  private final int mostEvents;
  private final int mostBytes;
  private final Account account;

  private final EventRing ring = new EventRing();

  /** The position of the slowest cursor: the backlog begins after it. */
  private long slowest;

  /** Events after this position are kept, whatever the history's size. */
  private long pinned = Long.MAX_VALUE;

  /** Bytes already charged for the next event. */
  private long reserved;

  private long historyBytes;
  private long backlogBytes;

  /**
   * @param mostEvents largest number of events of the history, and of the backlog
   * @param mostBytes largest size of the history, and of the backlog, in bytes
   * @param account is charged for the events
   */
  public EventLog(int mostEvents, int mostBytes, Account account) {
    this.mostEvents = mostEvents;
    this.mostBytes = mostBytes;
    this.account = account;
  }

  /** The smallest position after which the log still has every event. */
  public long oldest() {
    return ring.oldest;
  }

  /** The number of the newest event, initially 0. */
  public long end() {
    return ring.end;
  }

  /** Bytes of history and backlog. */
  public long bytes() {
    return historyBytes + backlogBytes;
  }

  /** The number of events that the slowest cursor hasn't read yet. */
  public long backlogEvents() {
    return ring.end - slowest;
  }

  /** The size of these events in bytes, with their overhead. */
  public long backlogBytes() {
    return backlogBytes;
  }

  /** The number that the next event gets. */
  public long nextNumber() {
    return ring.end + 1;
  }

  /** The event after a position, from {@link #oldest} inclusive to {@link #end} exclusive. */
  public Event eventAfter(long position) {
    assert position >= ring.oldest && position < ring.end
        : position + " not in " + ring.oldest + ".." + ring.end;
    return ring.eventAfter(position);
  }

  /** Whether the log still has every event after the position, which isn't beyond the end. */
  boolean holdsAllAfter(long position) {
    return position >= ring.oldest && position <= ring.end;
  }

  @Override
  public boolean reserve(long bytes) {
    boolean granted = account.reserve(Kind.LOG, bytes, 0);
    if (granted) {
      reserved += bytes;
    }
    return granted;
  }

  /** Charges a large event before it is written; a small one is written into a block. */
  @Override
  public byte[] array(int length) {
    if (length > Event.COPIED) {
      int size = length + OVERHEAD;
      account.force(Kind.LOG, size - reserved);
      reserved = size;
    }
    return ring.array(length);
  }

  @Override
  public int start() {
    return ring.start();
  }

  /** Adds an event, whose number is {@link #nextNumber}. */
  public void append(Event event) {
    assert event.number == nextNumber();
    ring.append(event);
    int size = event.length + OVERHEAD;
    backlogBytes += size;
    account.force(Kind.LOG, size - reserved);
    reserved = 0;
    account.leaveUnread(size);
  }

  /**
   * Sets the position of the slowest cursor, and evicts what exceeds the history's bounds. A cursor
   * may also move back, to events that the log still has.
   */
  public void slowestCursorAt(long position) {
    assert holdsAllAfter(position);
    long read = 0;
    while (slowest < position) {
      read += sizeAfter(slowest++);
    }
    while (slowest > position) {
      read -= sizeAfter(--slowest);
    }
    historyBytes += read;
    leaveUnread(-read);
    evict();
  }

  /** Keeps the events after the position, whatever their size, until {@link #unpin}. */
  public void pin(long position) {
    pinned = position;
  }

  /** Ends what {@link #pin} began. */
  public void unpin() {
    pinned = Long.MAX_VALUE;
  }

  /** Evicts what exceeds the bounds; while all logs together exceed theirs, the whole history. */
  public void evict() {
    long limit = Math.min(slowest, pinned);
    while (ring.oldest < limit
        && (slowest - ring.oldest > mostEvents
            || historyBytes > mostBytes
            || account.isLogExceeded())) {
      int size = sizeAfter(ring.oldest);
      ring.removeOldest();
      historyBytes -= size;
      account.release(Kind.LOG, size);
    }
  }

  /**
   * Whether the session should stop reading the cable. Never with an empty backlog: so a message
   * larger than the bounds is delivered, and other sessions' backlogs don't pause a session whose
   * listeners keep up.
   */
  public boolean isFull() {
    return ring.end != slowest
        && (ring.end - slowest >= mostEvents
            || backlogBytes >= mostBytes
            || account.isLogExceeded());
  }

  /** Releases all memory; the log is empty afterwards. */
  public void discard() {
    account.release(Kind.LOG, bytes() + reserved);
    reserved = 0;
    historyBytes = 0;
    leaveUnread(-backlogBytes);
    slowest = ring.end;
    ring.clear();
  }

  private void leaveUnread(long bytes) {
    backlogBytes += bytes;
    account.leaveUnread(bytes);
  }

  private int sizeAfter(long position) {
    return ring.lengthAfter(position) + OVERHEAD;
  }
}
