package cablestream.cable.jetty;

import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Puts together a message that comes in parts, up to a bound, and charges what it holds. A small
 * message in one part, as nearly all are, is on its way to the log at once and charged only there.
 * Of a larger one the event that is made of it is charged, too, until the log does that.
 *
 * <p>Any thread: a message that waits for room is gone on with by another than the one that reads.
 */
final class MessageParts {
  /** What became of a part. */
  enum Added {
    YES,
    /** The message is too large now, and is forgotten. */
    TOO_LARGE,
    /** There is no room for it now: nothing of it was read, and it may be tried again. */
    NO_ROOM
  }

  /** A message of one part that is no longer isn't charged. */
  private static final int SMALL = 4 * 1024;

  private static final byte[] NONE = {};

  private final int most;
  private final Account account;

  // All guarded by this.
  private byte[] parts = NONE;
  private int size;

  /** For the parts. */
  private long charged;

  /** For the event that the log will make of them. */
  private long chargedForEvent;

  /** For the message that was taken last. */
  private long chargedForTaken;

  /**
   * @param most bytes in a message
   */
  MessageParts(int most, Account account) {
    this.most = most;
    this.account = account;
  }

  /**
   * Adds a part, which is read to its end.
   *
   * @param isLast whether the message ends with it
   */
  synchronized Added add(ByteBuffer part, boolean isLast) {
    int length = part.remaining();
    if (length > most - size) {
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

  /** The whole message, charged until {@link #taken}; the next one begins with nothing. */
  synchronized byte[] take() {
    byte[] message = parts;
    chargedForTaken += charged;
    charged = 0;
    parts = NONE;
    size = 0;
    return message;
  }

  /** The log charges the event of the message that was taken last from now on. */
  synchronized void releaseEventRoom() {
    account.giveBack(Kind.MESSAGE, chargedForEvent);
    chargedForEvent = 0;
  }

  /** What was taken has been dealt with. */
  synchronized void taken() {
    if (chargedForTaken > 0) {
      account.giveBack(Kind.MESSAGE, chargedForTaken);
      chargedForTaken = 0;
    }
  }

  synchronized void clear() {
    if (charged > 0) {
      account.giveBack(Kind.MESSAGE, charged + chargedForEvent);
      charged = 0;
      chargedForEvent = 0;
    }
    parts = NONE;
    size = 0;
  }

  /** By doubling, as nobody knows what follows. */
  private boolean grow(int needed) {
    int capacity =
        parts.length == 0 ? needed : (int) Math.min(most, Math.max(needed, parts.length * 2L));
    return resize(capacity, charged);
  }

  /**
   * Makes the array as long as the message, and room for its event. It has been let in already, so
   * what it holds doesn't count against it any more.
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
      if (!account.take(Kind.MESSAGE, weight, 0)) {
        return false;
      }
      chargedForEvent = weight;
    }
    return true;
  }

  /**
   * While it grows there are two arrays of it.
   *
   * @param holds what counts against it
   */
  private boolean resize(int capacity, long holds) {
    long weight = Weights.ofBytes(capacity);
    if (capacity <= SMALL) {
      account.force(Kind.MESSAGE, weight);
    } else if (!account.take(Kind.MESSAGE, weight, holds)) {
      return false;
    }
    parts = Arrays.copyOf(parts, capacity);
    account.giveBack(Kind.MESSAGE, charged);
    charged = weight;
    return true;
  }
}
