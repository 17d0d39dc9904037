package cablestream.log;

/**
 * Where a log's events lie. Small ones lie many to a block of bytes, and what is known of each in
 * arrays of numbers: a collector that finds a few large objects has next to nothing to do, one that
 * finds two small ones for each event stops all sessions for tens of milliseconds.
 *
 * <p>A block whose events have all been removed is used again, so that a busy log needs no new
 * memory at all. A listener has therefore to copy a small event while it is given to it ({@link
 * Event#COPIED}); a larger one has an array of its own, which is never changed.
 */
final class EventRing {
  /** The largest block: of a log's bounds a small part, and large enough for many events. */
  private static final int LARGEST_BLOCK = 32 * 1024;

  private static final int SMALLEST_BLOCK = 512;
  private static final byte[] NONE = {};

  /** The rest of a block that the next event doesn't fit into is lost: an eighth at most. */
  private static final int SMALL_EVENT = Event.COPIED;

  private static final int SMALLEST_RING = 8;

  // The numbers of an event: where in its array it starts, its length, and its data's start with
  // its kind.
  private static final int START = 0;
  private static final int LENGTH = 1;
  private static final int SHAPE = 2;
  private static final int NUMBERS = 3;

  private static final int KIND_BITS = 3;
  private static final Event.Kind[] KINDS = Event.Kind.values();

  /** The event after position p is at slot p modulo the ring's length, a power of two. */
  private byte[][] arrays = new byte[SMALLEST_RING][];

  private int[] numbers = new int[NUMBERS * SMALLEST_RING];

  /** The position before the oldest event. */
  long oldest;

  /** The position after the newest event. */
  long end;

  /** Of all events. */
  private long bytes;

  /** The newest block. */
  private byte[] block = NONE;

  /** How much of it is taken. */
  private int used;

  /** Where the room begins that was asked for last. */
  private int start;

  /** A block to be used again; null for none. */
  private byte[] spare;

  /** An array with room for so many bytes from {@link #start} on. */
  byte[] array(int length) {
    if (length > SMALL_EVENT) {
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

  /** Where in the array given last they go. */
  int start() {
    return start;
  }

  /** Adds an event; a small one is copied, unless it was written where it is to be. */
  void append(Event event) {
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
    bytes += length;
  }

  /** The event after a position from {@link #oldest} up to, not including, {@link #end}. */
  Event eventAfter(long position) {
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

  /** How many bytes the event after that position has. */
  int lengthAfter(long position) {
    return numbers[NUMBERS * slot(position) + LENGTH];
  }

  void removeOldest() {
    int length = lengthAfter(oldest);
    int slot = slot(oldest++);
    byte[] array = arrays[slot];
    arrays[slot] = null;
    bytes -= length;
    if (oldest == end) {
      clear();
    } else if (length <= SMALL_EVENT && array.length == LARGEST_BLOCK && !isInUse(array)) {
      spare = array;
    }
  }

  /** Whether events lie in a block, or will; the oldest small one may stand behind large ones. */
  private boolean isInUse(byte[] candidate) {
    long position = oldest;
    while (position < end && lengthAfter(position) > SMALL_EVENT) {
      position++;
    }
    return candidate == block || position < end && candidate == arrays[slot(position)];
  }

  /** Forgets all events, and what was allocated for many. */
  void clear() {
    oldest = end;
    bytes = 0;
    spare = null;
    if (arrays.length > SMALLEST_RING || block.length > SMALLEST_BLOCK) {
      arrays = new byte[SMALLEST_RING][];
      numbers = new int[NUMBERS * SMALLEST_RING];
      block = NONE;
      used = 0;
    }
  }

  private int blockSize() {
    return (int) Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, bytes / 4));
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
