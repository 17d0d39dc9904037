package cablestream.log;

import cablestream.memory.Account;
import cablestream.memory.Kind;

/**
 * A session's events, numbered from 1, each encoded once. Everything that reads is a cursor: a
 * <em>position</em>, the number of the last event read, 0 at first.
 *
 * <p>What lies before the slowest cursor is the <em>history</em>, kept within bounds for those who
 * come back; the rest is the <em>backlog</em>, of which nothing is ever dropped: when it is full,
 * its owner stops reading the cable.
 */
public final class EventLog implements EventEncoder.Room {
  /**
   * What an entry costs beside its bytes: its place in the ring, and what a block leaves unused.
   */
  static final int OVERHEAD = 48;

  private final int mostEvents;
  private final int mostBytes;
  private final Account account;

  private final EventRing ring = new EventRing();

  /** The position of the slowest cursor: where the backlog begins. */
  private long slowest;

  /** Events after this position stay, whatever the history's size. */
  private long pinned = Long.MAX_VALUE;

  /** Charged for the next event already. */
  private long reserved;

  private long historyBytes;
  private long backlogBytes;

  /**
   * @param mostEvents of the history, and of the backlog before the log is full
   * @param mostBytes the same in bytes
   * @param account is charged for what is held
   */
  public EventLog(int mostEvents, int mostBytes, Account account) {
    this.mostEvents = mostEvents;
    this.mostBytes = mostBytes;
    this.account = account;
  }

  /** The smallest position after which everything is still held. */
  public long oldest() {
    return ring.oldest;
  }

  /** The position after the newest event: that event's number, 0 at first. */
  public long end() {
    return ring.end;
  }

  /** Bytes in history and backlog. */
  public long bytes() {
    return historyBytes + backlogBytes;
  }

  /** Events that the slowest cursor has yet to read. */
  public long backlogEvents() {
    return ring.end - slowest;
  }

  /** The same in bytes, with what they cost beside. */
  public long backlogBytes() {
    return backlogBytes;
  }

  /** The number that the next event gets. */
  public long nextNumber() {
    return ring.end + 1;
  }

  /** The event after a position from {@link #oldest} up to, not including, {@link #end}. */
  public Event eventAfter(long position) {
    assert position >= ring.oldest && position < ring.end
        : position + " not in " + ring.oldest + ".." + ring.end;
    return ring.eventAfter(position);
  }

  /** Whether everything after that position is still held, and it isn't in the future. */
  boolean holdsAllAfter(long position) {
    return position >= ring.oldest && position <= ring.end;
  }

  @Override
  public boolean reserve(long bytes) {
    boolean taken = account.take(Kind.LOG, bytes, 0);
    if (taken) {
      reserved += bytes;
    }
    return taken;
  }

  /** Charges a large event before it is made; a small one lies in a block. */
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
   * Says where the slowest cursor stands, and lets go of what the history has no room for. A cursor
   * may also go back, to what is still held.
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

  /** Keeps what comes after the position, whatever its size; {@link #unpin} ends that. */
  public void pin(long position) {
    pinned = position;
  }

  /** What {@link #pin} kept may go. */
  public void unpin() {
    pinned = Long.MAX_VALUE;
  }

  /** Evicts what the bounds demand; while all logs exceed their part, all of the history. */
  public void evict() {
    long limit = Math.min(slowest, pinned);
    while (ring.oldest < limit
        && (slowest - ring.oldest > mostEvents
            || historyBytes > mostBytes
            || account.isLogExceeded())) {
      int size = sizeAfter(ring.oldest);
      ring.removeOldest();
      historyBytes -= size;
      account.giveBack(Kind.LOG, size);
    }
  }

  /**
   * Whether the owner should stop reading the cable. Never with an empty backlog, so that a message
   * larger than the bounds comes through, and a session that reads is not stopped by others'
   * backlogs.
   */
  public boolean isFull() {
    return ring.end != slowest
        && (ring.end - slowest >= mostEvents
            || backlogBytes >= mostBytes
            || account.isLogExceeded());
  }

  /** Gives everything back to the account; nothing is held afterwards. */
  public void discard() {
    account.giveBack(Kind.LOG, bytes() + reserved);
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
