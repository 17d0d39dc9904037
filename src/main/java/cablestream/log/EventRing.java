package cablestream.log;

/**
 * The storage of a log. Small events share blocks of bytes, and their numbers are kept in primitive
 * arrays: with a few large objects the garbage collector has almost nothing to do, while two small
 * objects per event stop all sessions for tens of milliseconds.
 *
 * <p>A block is reused once all its events have been removed, so a busy log allocates nothing. A
 * listener therefore has to copy a small event when it receives it ({@link Event#COPIED}); a larger
 * event has its own array, which never changes.
 */
final class EventRing {
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

  /** The event after position p is in slot p modulo the ring's length, a power of two. */
  private byte[][] arrays = new byte[SMALLEST_RING][];

  private int[] numbers = new int[NUMBERS * SMALLEST_RING];

  /** The position before the oldest event. */
  long oldest;

  /** The position after the newest event. */
  long end;

  /** Bytes of all events. */
  private long bytes;

  /** The newest block. */
  private byte[] block = NONE;

  /** Bytes used of the newest block. */
  private int used;

  /** Where the room begins that was reserved last. */
  private int start;

  /** A block to be reused; null for none. */
  private byte[] spare;

  /** An array with room for {@code length} bytes from {@link #start}. */
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

  /** Where in that array the bytes go. */
  int start() {
    return start;
  }

  /** Adds an event; a small one is copied, unless it was written in place. */
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

  /** The event after a position, from {@link #oldest} inclusive to {@link #end} exclusive. */
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

  /** The length of the event after the position, in bytes. */
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

  /** Whether the block has events, or will have; the oldest small event may follow large ones. */
  private boolean isInUse(byte[] candidate) {
    long position = oldest;
    while (position < end && lengthAfter(position) > SMALL_EVENT) {
      position++;
    }
    return candidate == block || position < end && candidate == arrays[slot(position)];
  }

  /** Removes all events, and releases the memory allocated for many. */
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
