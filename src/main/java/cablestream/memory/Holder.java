package cablestream.memory;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/** What is held for one session, or for one request. Any thread; nothing waits here. */
public final class Holder implements AutoCloseable {
  private static final Kind[] KINDS = Kind.values();
  private static final int PARTS = Kind.Part.values().length;

  private final Account account;
  private final Holder parent;
  private final Relief relief;

  /** By part, with that of the children. */
  private final AtomicLongArray holds = new AtomicLongArray(PARTS);

  /** By kind, what {@link #close} gives back. */
  private final AtomicLongArray own = new AtomicLongArray(KINDS.length);

  private final AtomicBoolean closed = new AtomicBoolean();

  Holder(Account account, Holder parent, Relief relief) {
    this.account = account;
    this.parent = parent;
    this.relief = relief;
  }

  /**
   * Somebody who holds for this one, and may for longer: an answer that is still being written when
   * its session is gone. What a child holds counts for this one as long as it is held.
   */
  public Holder child() {
    return new Holder(account, this, relief);
  }

  /**
   * Takes bytes before they are held, unless they aren't to be had: who holds (with its children)
   * as much as is left in the part gets no more, so that nobody has it all and who has most is
   * refused first. A quarter of each part is for those who hold little, 4 KiB or, of the places, 48
   * KiB. Where it isn't to be had, the holder's {@link Relief} may make room first.
   *
   * @return false: it is refused, or this one is closed
   */
  public boolean take(Kind kind, long bytes) {
    if (!isGranted(kind, bytes)) {
      return false;
    }
    add(kind, bytes);
    if (closed.get()) {
      giveAllBack();
      return false;
    }
    return true;
  }

  private boolean isGranted(Kind kind, long bytes) {
    while (!closed.get()) {
      long holds = root().holds.get(kind.part.ordinal());
      if (account.grants(kind, bytes, holds)) {
        return true;
      }
      if (!relief.makesRoom(kind, holds + bytes)) {
        account.refuse(kind);
        return false;
      }
    }
    return false;
  }

  /** Takes them in any case: what is small, and bounded by other means. */
  public void force(Kind kind, long bytes) {
    account.force(kind, bytes);
    add(kind, bytes);
    if (closed.get()) {
      giveAllBack();
    }
  }

  /** Gives back what was taken; without effect once this one is closed. */
  public void giveBack(Kind kind, long bytes) {
    long given = lower(kind, bytes);
    account.giveBack(kind, given);
    count(kind, -given);
  }

  /** Bytes of that kind that are held now, without those of the children. */
  public long holds(Kind kind) {
    return own.get(kind.ordinal());
  }

  /** Gives back all that is held, and takes nothing any more. */
  @Override
  public void close() {
    closed.set(true);
    giveAllBack();
  }

  private void giveAllBack() {
    for (Kind kind : KINDS) {
      long given = own.getAndSet(kind.ordinal(), 0);
      if (given != 0) {
        account.giveBack(kind, given);
        count(kind, -given);
      }
    }
  }

  private void add(Kind kind, long bytes) {
    own.addAndGet(kind.ordinal(), bytes);
    count(kind, bytes);
  }

  private void count(Kind kind, long bytes) {
    for (Holder each = this; each != null; each = each.parent) {
      each.holds.addAndGet(kind.part.ordinal(), bytes);
    }
  }

  /** By so much, or to nothing where less is left, as after a close. */
  private long lower(Kind kind, long bytes) {
    long before = own.getAndUpdate(kind.ordinal(), now -> Math.max(0, now - bytes));
    return Math.min(before, bytes);
  }

  private Holder root() {
    return parent == null ? this : parent.root();
  }
}
