package cablestream.memory;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/** The memory reserved for one session or one request. Any thread; nothing blocks. */
public final class Holder implements AutoCloseable {
  private static final Kind[] KINDS = Kind.values();
  private static final int PARTS = Kind.Part.values().length;

  private final Account account;
  private final Holder parent;
  private final Holder root;
  private final Relief relief;

  /** Bytes by part, including the children's. */
  private final AtomicLongArray holds = new AtomicLongArray(PARTS);

  /** Bytes by kind, which {@link #close} releases. */
  private final AtomicLongArray own = new AtomicLongArray(KINDS.length);

  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean opening;

  Holder(Account account, Holder parent, Relief relief, boolean opening) {
    this.account = account;
    this.parent = parent;
    root = parent == null ? this : parent.root;
    this.relief = relief;
    this.opening = opening;
  }

  /** Lets it use what openings leave to open sessions: see {@link Account#opening}. */
  public void opened() {
    opening = false;
  }

  /**
   * A reservation that may outlive this one, such as a response that is still being written after
   * its session has ended. Its bytes count as this holder's until it is closed.
   */
  public Holder child() {
    return new Holder(account, this, relief, false);
  }

  /**
   * Reserves bytes before they are used. A holder that has reserved (with its children) as much as
   * is left in the part gets no more, so that none can have it all and the largest is refused
   * first. A quarter of each part but the logs is reserved for small holders: less than 4 KiB or,
   * of the places, 48 KiB beside what the container keeps. If there is no room, the holder's {@link
   * Relief} may make some first.
   *
   * @return false if it is refused, or if this holder is closed
   */
  public boolean reserve(Kind kind, long bytes) {
    while (!closed.get()) {
      long holds = root.holds.get(kind.part.ordinal());
      if (account.grants(kind, bytes, holds, opening)) {
        return add(kind, bytes);
      }
      if (!relief.makesRoom(kind, holds + bytes)) {
        account.refuse(kind);
        return false;
      }
    }
    return false;
  }

  /** Reserves bytes in any case, for what is small and bounded by other means. */
  public void force(Kind kind, long bytes) {
    account.force(kind, bytes);
    add(kind, bytes);
  }

  /** Releases reserved bytes; without effect after {@link #close}. */
  public void release(Kind kind, long bytes) {
    long before = own.getAndUpdate(kind.ordinal(), now -> Math.max(0, now - bytes));
    long given = Math.min(before, bytes); // less after a close
    account.release(kind, given);
    count(kind, -given);
  }

  /** Bytes of the kind that are reserved now, without the children's. */
  public long holds(Kind kind) {
    return own.get(kind.ordinal());
  }

  /** Releases everything, and refuses further reservations. */
  @Override
  public void close() {
    closed.set(true);
    releaseAll();
  }

  private void releaseAll() {
    for (Kind kind : KINDS) {
      long given = own.getAndSet(kind.ordinal(), 0);
      if (given != 0) {
        account.release(kind, given);
        count(kind, -given);
      }
    }
  }

  /** Adds bytes that the account has granted; false if they are released, as it is closed. */
  private boolean add(Kind kind, long bytes) {
    own.addAndGet(kind.ordinal(), bytes);
    count(kind, bytes);
    if (closed.get()) {
      releaseAll();
      return false;
    }
    return true;
  }

  private void count(Kind kind, long bytes) {
    for (Holder each = this; each != null; each = each.parent) {
      each.holds.addAndGet(kind.part.ordinal(), bytes);
    }
  }
}
