package cablestream.memory;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The account of all memory that the bridge uses for clients and servers, in bytes of the heap. Any
 * thread; nothing blocks.
 *
 * <p>It has three parts, so that none can starve another: the <em>logs</em>, with messages that are
 * about to be logged; the <em>places</em> of sessions; and what is only <em>passing</em>. Within a
 * part, the largest holders are refused first: see {@link Holder#reserve}.
 *
 * <p>With a heap of {@code H} bytes, the total is limited to three quarters of {@code H} less
 * {@link #PROGRAM}; the rest is for garbage.
 */
public final class Account {
  /**
   * What the program needs itself, and the container for idle connections, whose memory isn't
   * charged.
   */
  public static final long PROGRAM = 32L << 20;

  /** More than this in flight at once improves nothing. */
  private static final long MAX_PASSING = 48L << 20;

  /** A holder of less than this may use the reserve of a part. */
  static final long SMALL = 4 * 1024;

  /**
   * The same limit for places, beside what the container keeps: a session with ordinary headers and
   * subscriptions.
   */
  private static final long SMALL_PLACE = 48 * 1024;

  /** One byte in this many of a part is left to open sessions by those that are being opened. */
  private static final int LEFT_TO_OPEN_SESSIONS = 16;

  private final long limit;
  private final long logs;
  private final Map<Kind.Part, Pool> pools = new EnumMap<>(Kind.Part.class);

  /** Indexed by the kinds' ordinals. */
  private final Share[] shares = new Share[Kind.values().length];

  private final AtomicLong pressure = new AtomicLong();
  private final LongAdder unread = new LongAdder();

  /**
   * The bytes of one part.
   *
   * @param unreserved the limit less the reserve
   * @param opening the limit for what opens a session
   * @param small a holder of less than this may also use the reserve
   */
  private record Pool(long limit, long unreserved, long opening, long small, AtomicLong used) {
    /** A part with a reserve. */
    static Pool of(long limit, long small) {
      return new Pool(limit, limit - limit / 4, ofOpenings(limit), small, new AtomicLong());
    }
  }

  /**
   * A kind's share of its part.
   *
   * @param limit the largest number of bytes
   * @param unreserved the limit less the reserve
   */
  private record Share(Pool pool, long limit, long unreserved, AtomicLong used, LongAdder refused) {
    static Share of(Pool pool, Kind kind) {
      long limit = pool.limit / kind.divisor;
      boolean hasReserve = pool.unreserved < pool.limit;
      long unreserved = hasReserve ? limit - limit / 4 : limit;
      return new Share(pool, limit, unreserved, new AtomicLong(), new LongAdder());
    }
  }

  /** An account where the container keeps nothing for a request. */
  public Account(long heap, long logs) {
    this(heap, logs, 0);
  }

  /**
   * @param heap the largest size of the heap, in bytes
   * @param logs the part for logs, in bytes; at most {@link #maxLogs}
   * @param responseBytes what the container keeps for a request without a response yet, in bytes
   */
  public Account(long heap, long logs, int responseBytes) {
    this.limit = whole(heap);
    this.logs = logs;
    long rest = Math.max(0, limit - logs);
    long ofLogs = logs + messages(rest);
    pools.put(Kind.Part.LOGS, new Pool(ofLogs, ofLogs, ofLogs, SMALL, new AtomicLong()));
    pools.put(Kind.Part.PLACES, Pool.of(places(rest), smallPlace(responseBytes)));
    pools.put(Kind.Part.PASSING, Pool.of(passing(rest), SMALL));
    for (Kind kind : Kind.values()) {
      shares[kind.ordinal()] = Share.of(pools.get(kind.part), kind);
    }
  }

  /** The account of this virtual machine's heap, a quarter of which is for logs. */
  public static Account ofHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Account(heap, defaultLogs(heap));
  }

  /**
   * The limit of a small holder of places: with a listener and a POST, for each of which the
   * container keeps as much as given, in bytes.
   */
  public static long smallPlace(int responseBytes) {
    return SMALL_PLACE + 2L * responseBytes;
  }

  /** The default part for logs. */
  public static long defaultLogs(long heap) {
    return Math.min(heap / 4, maxLogs(heap));
  }

  /** The largest part for logs that leaves enough for the others. */
  public static long maxLogs(long heap) {
    return whole(heap) * 3 / 4;
  }

  /**
   * The smallest heap, in bytes and to the MiB, in which sessions of so many bytes can be opened.
   *
   * @param logs the part for logs, in bytes; a larger heap may have more by default
   */
  public static long heapFor(long sessions, long logs) {
    long heap = 0;
    long places;
    do {
      heap += 1 << 20;
      places = places(Math.max(0, whole(heap) - Math.max(logs, defaultLogs(heap))));
    } while (ofOpenings(places) < sessions);
    return heap;
  }

  private static long ofOpenings(long limit) {
    return limit - limit / LEFT_TO_OPEN_SESSIONS;
  }

  private static long messages(long rest) {
    return Math.min(rest / 6, MAX_PASSING);
  }

  private static long passing(long rest) {
    return Math.min(rest / 3, MAX_PASSING);
  }

  private static long places(long rest) {
    return rest - messages(rest) - passing(rest);
  }

  private static long whole(long heap) {
    return Math.max(heap / 8, (heap - PROGRAM) / 4 * 3);
  }

  /** A reservation for a session, or for a request that no session has accepted yet. */
  public Holder holder() {
    return new Holder(this, null, Relief.NONE, false);
  }

  /**
   * A holder that may evict others' reservations.
   *
   * @param relief is called before the holder or one of its children is refused
   */
  public Holder holder(Relief relief) {
    return new Holder(this, null, relief, false);
  }

  /**
   * A holder for a session that is being opened: until {@link Holder#opened}, it leaves a sixteenth
   * of the part to the requests of open sessions.
   *
   * @param relief is called before the holder or one of its children is refused
   */
  public Holder opening(Relief relief) {
    return new Holder(this, null, relief, true);
  }

  /** Charges what can't be refused, as it is bounded by other means. */
  public void force(Kind kind, long bytes) {
    Share share = shares[kind.ordinal()];
    share.used.addAndGet(bytes);
    share.pool.used.addAndGet(bytes);
  }

  public void release(Kind kind, long bytes) {
    force(kind, -bytes);
  }

  /**
   * Whether the logs exceed their part, so that histories must be evicted and sessions with a
   * backlog pause. {@link #pressure} then shows that sessions may wait to be resumed.
   */
  public boolean isLogExceeded() {
    boolean exceeded = pools.get(Kind.Part.LOGS).used.get() > logs;
    if (exceeded) {
      pressure.incrementAndGet();
    }
    return exceeded;
  }

  /**
   * A counter that changes whenever the logs are found to exceed their part, or a reservation in it
   * is refused.
   */
  public long pressure() {
    return pressure.get();
  }

  /**
   * Adds unread bytes of the logs; a negative number for bytes that have been read. They are
   * charged already; unlike read events they can't be evicted.
   */
  public void leaveUnread(long bytes) {
    unread.add(bytes);
  }

  /** Bytes in the logs that some listener hasn't read yet. */
  public long unread() {
    return unread.sum();
  }

  /** Bytes reserved of a kind. */
  public long used(Kind kind) {
    return shares[kind.ordinal()].used.get();
  }

  /** Bytes reserved in all. */
  public long used() {
    long sum = 0;
    for (Pool pool : pools.values()) {
      sum += pool.used.get();
    }
    return sum;
  }

  /** The most bytes of a kind that can be reserved, if its part has no other kinds. */
  public long limit(Kind kind) {
    return kind == Kind.LOG ? logs : shares[kind.ordinal()].limit;
  }

  /** The most bytes of sessions up to which another one can be opened. */
  public long limitOfOpenings() {
    return pools.get(Kind.Part.PLACES).opening;
  }

  /** The most bytes that can be reserved in all. */
  public long limit() {
    return limit;
  }

  /** The number of refused reservations so far. */
  public long refused(Kind kind) {
    return shares[kind.ordinal()].refused.sum();
  }

  /**
   * As {@link Holder#reserve}, for a holder that keeps its own total.
   *
   * @param holds the bytes of the kind's part that it has reserved already
   */
  public boolean reserve(Kind kind, long bytes, long holds) {
    boolean granted = grants(kind, bytes, holds, false);
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

  /** As {@link #reserve}, without counting a refusal. */
  boolean grants(Kind kind, long bytes, long holds, boolean opening) {
    Share share = shares[kind.ordinal()];
    Pool pool = share.pool;
    boolean small = holds + bytes <= pool.small;
    long max = small ? opening ? pool.opening : pool.limit : pool.unreserved;
    long maxOfKind = small ? share.limit : share.unreserved;
    long left = Math.min(max - pool.used.get(), maxOfKind - share.used.get());
    boolean modest = small || holds + bytes <= left;
    if (!modest || !raise(share.used, bytes, maxOfKind)) {
      return false;
    }
    boolean granted = raise(pool.used, bytes, max);
    if (!granted) {
      share.used.addAndGet(-bytes);
    }
    return granted;
  }

  private static boolean raise(AtomicLong number, long by, long max) {
    long now;
    do {
      now = number.get();
      if (now + by > max) {
        return false;
      }
    } while (!number.compareAndSet(now, now + by));
    return true;
  }
}
