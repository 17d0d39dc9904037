package cablestream.memory;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * All that the bridge holds for others, in bytes of the heap. Any thread; nothing waits here.
 *
 * <p>It has three parts, so that none can be starved by another: the <em>logs</em> with the
 * messages that are about to be logged, the <em>places</em> of sessions, and what is only
 * <em>passing</em>. Within a part, whoever holds much is refused first: see {@link Holder#take}.
 *
 * <p>Of a heap of {@code H} bytes the whole is bounded by three quarters of {@code H} less {@link
 * #PROGRAM}; the rest is for garbage.
 */
public final class Account {
  /**
   * What the program takes by itself, and the container for connections on which nothing is asked
   * that would be charged.
   */
  public static final long PROGRAM = 32L << 20;

  /** More than this in flight at once helps nobody. */
  private static final long MAX_PASSING = 48L << 20;

  /** A holder of less than this is let in where others have left no more than a reserve. */
  static final long SMALL = 4 * 1024;

  /** The same for places: a session with ordinary headers and subscriptions. */
  public static final long SMALL_PLACE = 48 * 1024;

  private final long limit;
  private final long logs;
  private final Map<Kind.Part, Pool> pools = new EnumMap<>(Kind.Part.class);

  /** By the kinds' ordinals. */
  private final Share[] shares = new Share[Kind.values().length];

  private final AtomicLong pressure = new AtomicLong();
  private final LongAdder unread = new LongAdder();

  /**
   * The bytes of one part.
   *
   * @param unreserved the limit less the reserve
   * @param small who holds less may also have the reserve
   */
  private record Pool(long limit, long unreserved, long small, AtomicLong used) {
    /** A part with a reserve. */
    static Pool of(long limit, long small) {
      return new Pool(limit, limit - limit / 4, small, new AtomicLong());
    }
  }

  /**
   * What a kind has of its part's bytes.
   *
   * @param limit the most of it
   * @param unreserved the limit less the reserve
   */
  private record Share(Pool pool, long limit, long unreserved, AtomicLong used, LongAdder refused) {
    static Share of(Pool pool, Kind kind) {
      long limit = pool.limit / kind.divisor;
      boolean hasReserve = pool.unreserved < pool.limit;
      long unreserved = hasReserve ? limit - limit / 4 : limit;
      return new Share(pool, limit, unreserved, new AtomicLong(), new LongAdder());
    }

    void add(long bytes) {
      used.addAndGet(bytes);
      pool.used.addAndGet(bytes);
    }
  }

  /**
   * @param heap the most that the heap may become
   * @param logs the part of the logs; at most {@link #mostLogs}
   */
  public Account(long heap, long logs) {
    this.limit = whole(heap);
    this.logs = logs;
    long rest = Math.max(0, limit - logs);
    long messages = Math.min(rest / 6, MAX_PASSING);
    long passing = Math.min(rest / 3, MAX_PASSING);
    long ofLogs = logs + messages;
    pools.put(Kind.Part.LOGS, new Pool(ofLogs, ofLogs, SMALL, new AtomicLong()));
    pools.put(Kind.Part.PLACES, Pool.of(rest - messages - passing, SMALL_PLACE));
    pools.put(Kind.Part.PASSING, Pool.of(passing, SMALL));
    for (Kind kind : Kind.values()) {
      shares[kind.ordinal()] = Share.of(pools.get(kind.part), kind);
    }
  }

  /** Of this virtual machine's heap, a quarter of it for the logs. */
  public static Account ofHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Account(heap, defaultLogs(heap));
  }

  /** The part of the logs where nothing else is set. */
  public static long defaultLogs(long heap) {
    return Math.min(heap / 4, mostLogs(heap));
  }

  /** The most that the logs may have, so that the others aren't left without. */
  public static long mostLogs(long heap) {
    return whole(heap) * 3 / 4;
  }

  private static long whole(long heap) {
    return Math.max(heap / 8, (heap - PROGRAM) / 4 * 3);
  }

  /** Somebody who will hold something: a session, say, or a request that none has taken yet. */
  public Holder holder() {
    return holder(Relief.NONE);
  }

  /**
   * A holder for which others may have to make room.
   *
   * @param relief is asked before the holder or one of its children is refused
   */
  public Holder holder(Relief relief) {
    return new Holder(this, null, relief);
  }

  /** Charges what can't be refused, as it is bounded by other means. */
  public void force(Kind kind, long bytes) {
    shares[kind.ordinal()].add(bytes);
  }

  public void giveBack(Kind kind, long bytes) {
    shares[kind.ordinal()].add(-bytes);
  }

  /**
   * Whether histories have to go, and sessions with a backlog to pause; {@link #pressure} then
   * tells that there may be somebody to wake.
   */
  public boolean isLogExceeded() {
    boolean exceeded = pools.get(Kind.Part.LOGS).used.get() > logs;
    if (exceeded) {
      pressure.incrementAndGet();
    }
    return exceeded;
  }

  /** Another number than before if somebody has met the logs' bound meanwhile. */
  public long pressure() {
    return pressure.get();
  }

  /**
   * So many bytes more of the logs, or less, have yet to be read by somebody. They are charged
   * already; unlike the others they don't go when room is wanted.
   */
  public void leaveUnread(long bytes) {
    unread.add(bytes);
  }

  /** Bytes in the logs that somebody has yet to read. */
  public long unread() {
    return unread.sum();
  }

  /** Bytes that are held of a kind. */
  public long used(Kind kind) {
    return shares[kind.ordinal()].used.get();
  }

  /** Bytes that are held in all. */
  public long used() {
    long sum = 0;
    for (Pool pool : pools.values()) {
      sum += pool.used.get();
    }
    return sum;
  }

  /** The most that may be held of a kind, if its part has no other. */
  public long limit(Kind kind) {
    return kind == Kind.LOG ? logs : shares[kind.ordinal()].limit;
  }

  /** The most that may be held in all. */
  public long limit() {
    return limit;
  }

  /** How often somebody has been refused so far. */
  public long refused(Kind kind) {
    return shares[kind.ordinal()].refused.sum();
  }

  /**
   * As {@link Holder#take}, for a holder that counts by itself what it has.
   *
   * @param holds what it has of the kind's part already
   */
  public boolean take(Kind kind, long bytes, long holds) {
    boolean granted = grants(kind, bytes, holds);
    if (!granted) {
      refuse(kind);
    }
    return granted;
  }

  /** Counts a refusal. */
  void refuse(Kind kind) {
    shares[kind.ordinal()].refused.increment();
    if (kind.part == Kind.Part.LOGS) {
      pressure.incrementAndGet();
    }
  }

  /** The same as {@link #take}, without counting a refusal. */
  boolean grants(Kind kind, long bytes, long holds) {
    Share share = shares[kind.ordinal()];
    Pool pool = share.pool;
    boolean small = holds + bytes <= pool.small;
    long most = small ? pool.limit : pool.unreserved;
    long mostOfKind = small ? share.limit : share.unreserved;
    long left = Math.min(most - pool.used.get(), mostOfKind - share.used.get());
    boolean modest = small || holds + bytes <= left;
    return modest && takeOf(share, bytes, mostOfKind, most);
  }

  private static boolean takeOf(Share share, long bytes, long mostOfKind, long most) {
    if (!raise(share.used, bytes, mostOfKind)) {
      return false;
    }
    if (!raise(share.pool.used, bytes, most)) {
      share.used.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  private static boolean raise(AtomicLong number, long by, long most) {
    long now;
    do {
      now = number.get();
      if (now + by > most) {
        return false;
      }
    } while (!number.compareAndSet(now, now + by));
    return true;
  }
}
