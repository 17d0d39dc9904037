package cablestream.cable.jetty;

import static cablestream.cable.CableSocket.SMALL;

import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Joins the parts of a message, up to a limit, and charges its memory. A small message is logged at
 * once: as a whole it is charged only there, and in one part, as nearly all are, not before. For a
 * larger one its event is charged as well, until the log charges it.
 *
 * <p>Any thread: a message that waits for room is continued by another thread than the reading one.
 */
final class MessageParts {
  /** The result of adding a part. */
  enum Added {
    YES,
    /** The message exceeds the limit, and was discarded. */
    TOO_LARGE,
    /** There is no room now: nothing of the part was read, and the call may be repeated. */
    NO_ROOM
  }

  private static final byte[] NONE = {};

  private final int max;
  private final Account account;

  // All guarded by this.
  private byte[] parts = NONE;
  private int size;

  /** Bytes charged for the parts. */
  private long charged;

  /** Bytes charged for the event that the log will make of them. */
  private long chargedForEvent;

  /** Bytes charged for the latest message returned by {@link #take}. */
  private long chargedForTaken;

  private boolean closed;

  /**
   * @param max the largest message, in bytes
   */
  MessageParts(int max, Account account) {
    this.max = max;
    this.account = account;
  }

  /**
   * Adds a part, which is read to its end; ignores it once closed.
   *
   * @param isLast whether it completes the message
   */
  synchronized Added add(ByteBuffer part, boolean isLast) {
    if (closed) {
      return Added.YES;
    }
    int length = part.remaining();
    if (length > max - size) {
      clear();
      return Added.TOO_LARGE;
    }
    boolean hasRoom =
        isLast ? finish(size + length) : length <= parts.length - size || grow(size + length);
    if (!hasRoom) {
      return Added.NO_ROOM;
    }
    if (length > 0) {
      part.get(parts, size, length);
      size += length;
    }
    return Added.YES;
  }

  /**
   * Returns the whole message, if it isn't small charged until {@link #releaseMessageRoom}; the
   * next one starts empty.
   *
   * @return null once closed
   */
  synchronized byte[] take() {
    if (closed) {
      return null;
    }
    byte[] message = parts;
    if (size > SMALL) {
      chargedForTaken += charged;
    } else if (charged > 0) {
      account.release(Kind.MESSAGE, charged);
    }
    charged = 0;
    parts = NONE;
    size = 0;
    return message;
  }

  /** The log charges the event of the latest returned message from now on. */
  synchronized void releaseEventRoom() {
    account.release(Kind.MESSAGE, chargedForEvent);
    chargedForEvent = 0;
  }

  /** The latest returned message has been processed. */
  synchronized void releaseMessageRoom() {
    if (chargedForTaken > 0) {
      account.release(Kind.MESSAGE, chargedForTaken);
      chargedForTaken = 0;
    }
  }

  synchronized void clear() {
    if (charged > 0) {
      account.release(Kind.MESSAGE, charged + chargedForEvent);
      charged = 0;
      chargedForEvent = 0;
    }
    parts = NONE;
    size = 0;
  }

  /** Nothing more is read. */
  synchronized void close() {
    clear();
    closed = true;
  }

  /** Doubles the array, since the message's length is unknown. */
  private boolean grow(int needed) {
    int capacity =
        parts.length == 0 ? needed : (int) Math.min(max, Math.max(needed, parts.length * 2L));
    return resize(capacity, charged);
  }

  /**
   * Trims the array to the message, and reserves its event. The message is admitted already, so its
   * own size doesn't count against it.
   */
  private boolean finish(int length) {
    boolean isSmall = length <= SMALL;
    if (isSmall && parts.length == 0) {
      parts = new byte[length];
      return true;
    }
    if (parts.length != length && !resize(length, 0)) {
      return false;
    }
    if (!isSmall && chargedForEvent == 0) {
      long weight = Weights.ofBytes(length);
      if (!account.reserve(Kind.MESSAGE, weight, 0)) {
        return false;
      }
      chargedForEvent = weight;
    }
    return true;
  }

  /**
   * Both arrays are charged while it grows.
   *
   * @param holds the bytes that count against it
   */
  private boolean resize(int capacity, long holds) {
    long weight = Weights.ofBytes(capacity);
    if (capacity <= SMALL) {
      account.force(Kind.MESSAGE, weight);
    } else if (!account.reserve(Kind.MESSAGE, weight, holds)) {
      return false;
    }
    parts = Arrays.copyOf(parts, capacity);
    account.release(Kind.MESSAGE, charged);
    charged = weight;
    return true;
  }
}
