package cablestream.cable.jetty;

import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Puts together a message that comes in parts, up to a bound, and charges what it holds. A small
 * message in one part, as nearly all are, is on its way to the log at once and charged only there.
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
    if (length > parts.length - size && !grow(size + length, isLast)) {
      return Added.NO_ROOM;
    }
    part.get(parts, size, length);
    size += length;
    return Added.YES;
  }

  /** The message, charged until {@link #taken}; the next one begins with nothing. */
  synchronized byte[] take() {
    byte[] message = parts;
    if (size < parts.length) {
      message = Arrays.copyOf(parts, size);
      if (charged > 0) {
        charge(Weights.ofBytes(size) - charged);
      }
    }
    chargedForTaken += charged;
    charged = 0;
    clear();
    return message;
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
      charge(-charged);
    }
    parts = NONE;
    size = 0;
  }

  /** A message in one part, as most are, is copied once; others grow by doubling. */
  private boolean grow(int needed, boolean isLast) {
    boolean first = parts.length == 0;
    int capacity = first ? needed : (int) Math.min(most, Math.max(needed, parts.length * 2L));
    if (!(first && isLast && needed <= SMALL) && !chargeFor(capacity)) {
      return false;
    }
    parts = Arrays.copyOf(parts, capacity);
    return true;
  }

  /** While it grows there are two arrays of it. */
  private boolean chargeFor(int capacity) {
    long weight = Weights.ofBytes(capacity);
    if (capacity <= SMALL) {
      account.force(Kind.MESSAGE, weight);
    } else if (!account.take(Kind.MESSAGE, weight, charged)) {
      return false;
    }
    account.giveBack(Kind.MESSAGE, charged);
    charged = weight;
    return true;
  }

  private void charge(long more) {
    account.force(Kind.MESSAGE, more);
    charged += more;
  }
}
