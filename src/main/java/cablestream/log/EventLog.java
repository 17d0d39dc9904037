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
 *
 * <p>Small events share blocks of bytes, and their numbers are kept in primitive arrays: with a few
 * large objects the garbage collector has almost nothing to do, while two small objects per event
 * stop all sessions for tens of milliseconds. A block is reused once all its events have been
 * removed, so a busy log allocates nothing. A listener therefore has to copy a small event when it
 * receives it ({@link Event#COPIED}); a larger event has its own array, which never changes.
 */
public final class EventLog implements EventEncoder.Room {
  /**
   * What an event costs in addition to its bytes: its entry in the ring, and unused space in
   * blocks.
   */
  static final int OVERHEAD = 48;

  /** The largest block: small compared with a log's bounds, and large enough for many events. */
  private static final int LARGEST_BLOCK = 32 * 1024;

  private static final int SMALLEST_BLOCK = 512;
  private static final byte[] NONE = {};

  /**
   * The largest event in a block. The end of a block is wasted if the next event doesn't fit: an
   * eighth at most.
   */
  private static final int SMALL_EVENT = Event.COPIED;

  private static final int SMALLEST_RING = 8;

  // The numbers of an event: its start in its array, its length, and the start of its data combined
  // with its kind.
  private static final int START = 0;
  private static final int LENGTH = 1;
  private static final int SHAPE = 2;
  private static final int NUMBERS = 3;

  private static final int KIND_BITS = 3;
  private static final Event.Kind[] KINDS = Event.Kind.values();

  private final int maxEvents;
  private final int maxBytes;
  private final Account account;

  // What is stored.

  /** The event after position p is in slot p modulo the ring's length, a power of two. */
  private byte[][] arrays = new byte[SMALLEST_RING][];

  private int[] numbers = new int[NUMBERS * SMALLEST_RING];

  /** The position before the oldest event. */
  private long oldest;

  /** The position after the newest event. */
  private long end;

  /** The newest block. */
  private byte[] block = NONE;

  /** Bytes used of the newest block. */
  private int used;

  /** Where the room begins that was reserved last. */
  private int start;

  /** A block to be reused; null for none. */
  private byte[] spare;

  // The cursors, and what is charged.

  /** The position of the slowest cursor: the backlog begins after it. */
  private long slowest;

  /** Events after this position are kept, whatever the history's size. */
  private long pinned = Long.MAX_VALUE;

  /** Bytes already charged for the next event. */
  private long reserved;

  private long historyBytes;
  private long backlogBytes;

  /**
   * @param maxEvents largest number of events of the history, and of the backlog
   * @param maxBytes largest size of the history, and of the backlog, in bytes
   * @param account is charged for the events
   */
  public EventLog(int maxEvents, int maxBytes, Account account) {
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    this.account = account;
  }

  /** The smallest position after which the log still has every event. */
  public long oldest() {
    return oldest;
  }

  /** The number of the newest event, initially 0. */
  public long end() {
    return end;
  }

  /** Bytes of history and backlog. */
  public long bytes() {
    return historyBytes + backlogBytes;
  }

  /** The number of events that the slowest cursor hasn't read yet. */
  public long backlogEvents() {
    return end - slowest;
  }

  /** The size of these events in bytes, with their overhead. */
  public long backlogBytes() {
    return backlogBytes;
  }

  /** The number that the next event gets. */
  public long nextNumber() {
    return end + 1;
  }

  /** The event after a position, from {@link #oldest} inclusive to {@link #end} exclusive. */
  public Event eventAfter(long position) {
    assert position >= oldest && position < end : position + " not in " + oldest + ".." + end;
    int slot = slot(position);
    int shape = numbers[NUMBERS * slot + SHAPE];
    return new Event(
        arrays[slot],
        numbers[NUMBERS * slot + START],
        numbers[NUMBERS * slot + LENGTH],
        position + 1,
        KINDS[shape & (1 << KIND_BITS) - 1],
        shape >> KIND_BITS);
  }

  /** Whether the log still has every event after the position, which isn't beyond the end. */
  boolean holdsAllAfter(long position) {
    return position >= oldest && position <= end;
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
    if (length > SMALL_EVENT) {
      int size = length + OVERHEAD;
      account.force(Kind.LOG, size - reserved);
      reserved = size;
      start = 0;
      return new byte[length];
    }
    if (length > block.length - used) {
      block = spare == null ? new byte[Math.max(length, blockSize())] : spare;
      spare = null;
      used = 0;
    }
    start = used;
    return block;
  }

  @Override
  public int start() {
    return start;
  }

  /**
   * Adds an event, whose number is {@link #nextNumber}; a small one is copied, unless it was
   * written in place.
   */
  public void append(Event event) {
    assert event.number == nextNumber();
    int length = event.length;
    byte[] array = event.array;
    int from = event.start;
    if (length <= SMALL_EVENT) {
      if (array != block || from != used) {
        array = array(length);
        from = start;
        System.arraycopy(event.array, event.start, array, from, length);
      }
      used += length;
    }
    if (end - oldest == arrays.length) {
      enlarge();
    }
    int slot = slot(end++);
    arrays[slot] = array;
    numbers[NUMBERS * slot + START] = from;
    numbers[NUMBERS * slot + LENGTH] = length;
    numbers[NUMBERS * slot + SHAPE] = event.dataStart << KIND_BITS | event.kind.ordinal();
    int size = length + OVERHEAD;
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
    while (oldest < limit
        && (slowest - oldest > maxEvents || historyBytes > maxBytes || account.isLogExceeded())) {
      int size = sizeAfter(oldest);
      removeOldest();
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
    return end != slowest
        && (end - slowest >= maxEvents || backlogBytes >= maxBytes || account.isLogExceeded());
  }

  /** Releases all memory; the log is empty afterwards. */
  public void discard() {
    account.release(Kind.LOG, bytes() + reserved);
    reserved = 0;
    historyBytes = 0;
    leaveUnread(-backlogBytes);
    slowest = end;
    clear();
  }

  private void leaveUnread(long bytes) {
    backlogBytes += bytes;
    account.leaveUnread(bytes);
  }

  // ---- the ring and its blocks ----

  private int sizeAfter(long position) {
    return lengthAfter(position) + OVERHEAD;
  }

  /** The length of the event after the position, in bytes. */
  private int lengthAfter(long position) {
    return numbers[NUMBERS * slot(position) + LENGTH];
  }

  private void removeOldest() {
    int length = lengthAfter(oldest);
    int slot = slot(oldest++);
    byte[] array = arrays[slot];
    arrays[slot] = null;
    if (oldest == end) {
      clear();
    } else if (length <= SMALL_EVENT && array.length == LARGEST_BLOCK && !isInUse(array)) {
      spare = array;
    }
  }

  /** Whether the block has events, or will have; the oldest small event may follow large ones. */
  private boolean isInUse(byte[] candidate) {
    long position = oldest;
    while (position < end && lengthAfter(position) > SMALL_EVENT) {
      position++;
    }
    return candidate == block || position < end && candidate == arrays[slot(position)];
  }

  /** Removes all events, and releases the memory allocated for many. */
  private void clear() {
    oldest = end;
    spare = null;
    if (arrays.length > SMALLEST_RING || block.length > SMALLEST_BLOCK) {
      arrays = new byte[SMALLEST_RING][];
      numbers = new int[NUMBERS * SMALLEST_RING];
      block = NONE;
      used = 0;
    }
  }

  /** A quarter of all events' bytes, within the bounds. */
  private int blockSize() {
    long stored = bytes() - OVERHEAD * (end - oldest);
    return (int) Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, stored / 4));
  }

  private void enlarge() {
    byte[][] moreArrays = new byte[2 * arrays.length][];
    int[] moreNumbers = new int[2 * numbers.length];
    for (long position = oldest; position < end; position++) {
      int from = slot(position);
      int to = (int) (position & moreArrays.length - 1);
      moreArrays[to] = arrays[from];
      System.arraycopy(numbers, NUMBERS * from, moreNumbers, NUMBERS * to, NUMBERS);
    }
    arrays = moreArrays;
    numbers = moreNumbers;
  }

  private int slot(long position) {
    return (int) (position & arrays.length - 1);
  }
}
