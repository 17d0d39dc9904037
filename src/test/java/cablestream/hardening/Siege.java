package cablestream.hardening;

import static java.util.stream.Collectors.partitioningBy;

import cablestream.memory.Account;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A bridge with a small heap, neighbours in it, and one attack after the other. It also has what
 * attackers need: {@link #mob}, {@link #visitor}, {@link #crowd}.
 */
final class Siege implements AutoCloseable {
  static final String ENDED = "it has ended";
  static final String OUT_OF_MEMORY = "out of memory";
  static final String MORE_THAN_PROMISED = "more heap than is promised";

  /** Whether all attacks have their full size. */
  static final boolean FULL = Boolean.getBoolean("attacks.report");

  /** Of the virtual machine; the collector is the one that it would select by itself. */
  static final String OPTIONS = System.getProperty("attacks.options", "-XX:+UseG1GC");

  static final int HEAP_MEBIBYTES = Integer.getInteger("attacks.heap", 96);

  /** The container's memory for an attacker's thousands of connections, outside of the account. */
  private static final long CONNECTIONS = 8L << 20;

  /** The promise of docs/limits.md for the heap: the account's bound, and the program itself. */
  private static final long PROMISED = promised((long) HEAP_MEBIBYTES << 20);

  private static final long LEFT = 16L << 20;
  private static final Duration MAX_P99 = Duration.ofSeconds(1);
  private static final int HANDS = 16;
  private static final int WARM_UP_ROUNDS = 60;
  private static final int WARM_UP_VISITORS = 50;

  private final Place place;
  private final Besieged besieged;
  private final Neighbours neighbours;
  private final Watch watch;
  private final Pace pace;
  private final AtomicInteger names = new AtomicInteger();

  // Of the present attack.
  private final ConcurrentLinkedQueue<Visitor> visitors = new ConcurrentLinkedQueue<>();
  private Mob mob;
  private volatile boolean over;

  Siege(Place place) {
    this(place, Map.of());
  }

  /**
   * @param settings other than the defaults
   */
  Siege(Place place, Map<String, String> settings) {
    this.place = place;
    Map<String, String> all = new HashMap<>(settings);
    all.put("operator.token", Watch.TOKEN);
    besieged = place.start(HEAP_MEBIBYTES, all, OPTIONS.split(" "));
    watch = new Watch(besieged);
    pace = new Pace(besieged.process().pid());
    neighbours = new Neighbours(besieged.site());
    if (FULL) {
      warmUp();
    }
  }

  /**
   * Runs the bridge's usual work for a while. In its first seconds its code is interpreted and
   * compiled while requests wait, which SECURITY.md treats separately.
   */
  private void warmUp() {
    String command = "{\"identifier\":{\"channel\":\"x\"},\"send\":{\"a\":\"%s\"}}";
    String body = "[" + command.formatted("x".repeat(60_000)) + "]";
    for (int round = 0; round < WARM_UP_ROUNDS; round++) {
      List<Visitor> all =
          Stream.generate(() -> Visitor.of(site())).limit(WARM_UP_VISITORS).toList();
      crowd(all.size(), i -> all.get(i).request("GET", "timeout=0&poll-queue=8"));
      crowd(all.size(), i -> all.get(i).request("POST", "poll-queue=8").body(body));
      crowd(all.size(), i -> all.get(i).request("DELETE", ""));
    }
  }

  private static long promised(long heap) {
    return new Account(heap, Account.defaultLogs(heap)).limit() + Account.PROGRAM + CONNECTIONS;
  }

  Place place() {
    return place;
  }

  Site site() {
    return besieged.site();
  }

  Mob mob() {
    return mob;
  }

  Watch watch() {
    return watch;
  }

  /** A number for the full attack, or for the brief one. */
  static int size(int full, int brief) {
    return FULL ? full : brief;
  }

  /**
   * An attacker's largest number of connections: in Tomcat each occupies 100 KiB, whatever it does.
   */
  int connections(int many) {
    return place.isTomcat() ? Math.min(many, 40) : many;
  }

  /**
   * An attacker's largest number of idle connections: only {@code java -jar} closes those over its
   * limit, a Jetty and a proxy need a setting for how many fit.
   */
  int idleConnections(int many) {
    return place == Place.JAVA_JAR ? many : connections(Math.min(many, 300));
  }

  /** A visitor whose session is ended after the attack. */
  Visitor visitor() {
    return ending(Visitor.of(site()));
  }

  /** The same with a query, which the caller's credentials include like its headers. */
  Visitor visitor(String query) {
    return ending(Visitor.of(site()).withQuery(query));
  }

  /** Ends that visitor's session after the attack as well, which requires its credentials. */
  Visitor ending(Visitor visitor) {
    visitors.add(visitor);
    return visitor;
  }

  /** The same with a server that treats its cable so. */
  Visitor attackedBy(CableServer.Behaviour attack) {
    return visitor("attack=" + hostile(attack));
  }

  /** A server that behaves so, by its name for the parameter {@code attack}. */
  String hostile(CableServer.Behaviour attack) {
    String name = "a" + names.incrementAndGet();
    besieged.cable().attack(name, attack);
    return name;
  }

  /** Whether the attack is over; for servers that continue until then. */
  boolean isOver() {
    return over;
  }

  /** Sends many requests, some of them concurrently, and ignores failures. */
  void crowd(int many, IntFunction<RawRequest> requests) {
    ExecutorService hands = Executors.newFixedThreadPool(HANDS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        int number = i;
        all.add(hands.submit(() -> send(requests.apply(number))));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      hands.shutdown();
    }
  }

  private static void send(RawRequest request) {
    try {
      request.send();
    } catch (UncheckedIOException e) {
      // An attacker may be cut off.
    }
  }

  /** Carries an attack out, and returns its outcome. */
  Outcome endure(Attack attack) {
    List<String> failures = new ArrayList<>();
    long before = watch.heap();
    begin();
    try {
      attack.deed().by(this);
      hold();
    } catch (Exception | AssertionError e) {
      failures.add("the attack: " + e);
    }
    long worst = neighbours.worstMillis();
    long p99 = neighbours.p99Millis();
    long allowed = pace.stretched(MAX_P99).toMillis();
    Map<Boolean, List<String>> noticed =
        neighbours.noticed().stream()
            .collect(partitioningBy(what -> what.startsWith(Neighbours.NO_PLACE)));
    failures.addAll(noticed.get(false));
    boolean noPlace = !noticed.get(true).isEmpty();
    if (!attack.fills()) {
      failures.addAll(noticed.get(true));
    }
    end();
    long left = left(before);
    judge(failures, left - before);
    if (FULL && p99 >= allowed) {
      failures.add("a p99 of " + p99 + " ms, of " + allowed);
    }
    return new Outcome(
        attack,
        place,
        new Outcome.Memory(watch.peakHeap(), watch.peakAccount(), left),
        new Outcome.Waits(worst, p99, neighbours.newcomersWorstMillis()),
        noPlace,
        failures);
  }

  private void begin() {
    over = false;
    mob = new Mob(site());
    neighbours.awaitNews();
    neighbours.beginAnew();
    watch.beginAnew();
    pace.beginAnew();
  }

  /** Stays at the attack's peak. */
  private void hold() throws InterruptedException {
    mob.awaitSaid(Duration.ofSeconds(size(30, 3)));
    for (int i = 0; i < size(5, 1); i++) {
      Thread.sleep(500);
      look();
    }
    neighbours.awaitNews();
  }

  private void look() {
    try {
      watch.look();
    } catch (RuntimeException e) {
      neighbours.notice("a look at it: " + e);
    }
  }

  private void end() {
    over = true;
    mob.close();
    List<Visitor> all = List.copyOf(visitors);
    visitors.clear();
    crowd(all.size(), i -> all.get(i).request("DELETE", "").timeout(Duration.ofSeconds(5)));
  }

  /** The memory that remains afterwards, once it is as low as it has to be. */
  private long left(long before) {
    long deadline = System.nanoTime() + 15_000_000_000L;
    long left = Long.MAX_VALUE;
    try {
      while (besieged.process().isAlive() && left - before > LEFT && System.nanoTime() < deadline) {
        left = watch.heap();
        Thread.sleep(left - before > LEFT ? 500 : 0);
      }
    } catch (RuntimeException e) {
      // The bridge doesn't respond any more, which is reported elsewhere.
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return left == Long.MAX_VALUE ? 0 : left;
  }

  private void judge(List<String> failures, long more) {
    String log = besieged.process().log();
    if (!besieged.process().isAlive()) {
      failures.add(ENDED);
    } else if (more > LEFT) {
      failures.add(more + " bytes are left of it");
    }
    if (log.contains("OutOfMemoryError")) {
      failures.add(OUT_OF_MEMORY);
    }
    if (watch.peakHeap() > PROMISED) {
      failures.add(MORE_THAN_PROMISED);
    }
    if (neighbours.ids().stream().anyMatch(log::contains)) {
      failures.add("an events-id is in the log");
    }
  }

  @Override
  public void close() {
    neighbours.close();
    watch.close();
    besieged.close();
  }
}
