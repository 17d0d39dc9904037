package cablestream.http.response;

import cablestream.concurrent.Timers;
import cablestream.http.request.IpAddress;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * What Linux reports of a request's connection in {@code /proc/net/tcp} (proc(5)), and no container
 * does:
 *
 * <ul>
 *   <li>Whether the other end acknowledges data. If it has vanished with its network, the kernel
 *       retransmits for a quarter of an hour; keep-alive is silent while data awaits its
 *       acknowledgement, and Java has no TCP_USER_TIMEOUT. The sysctl {@code net.ipv4.tcp_retries2}
 *       is no substitute: it applies to every connection of a machine or a container, and neither a
 *       unit nor an image can set it.
 *   <li>Whether the other end, a client or a proxy, has closed or reset the connection: a container
 *       doesn't read while a request waits for its response. A reset connection is missing from the
 *       table; {@link Connection#isMissing} distinguishes it from one whose address a proxy's
 *       header has replaced.
 * </ul>
 *
 * <p>Without such a file, every connection counts as open and acknowledging.
 *
 * <p>Any thread. The pool reads the file, only while there are callers: every second, or every five
 * if they only ask for acknowledgements; less often, up to every ten, if that would take more than
 * 2 % of a processor.
 */
public final class TcpTable implements AutoCloseable {
  /**
   * Retransmissions without an acknowledgement: with Linux's shortest first wait, 200 ms, these
   * take 6 to 12 s. An acknowledgement sets the number to 0.
   */
  private static final int MAX_REPETITIONS = 5;

  private static final long MIN_PAUSE_MILLIS = 1_000;
  private static final long MAX_PAUSE_MILLIS = 10_000;

  /** Between two readings for acknowledgements only: the number of retransmissions grows slowly. */
  private static final long SILENT_PAUSE_NANOS = 5_000_000_000L;

  private static final long PAUSE_FOR_EACH_PART = 50;

  private static final String MAPPED = "0000000000000000FFFF0000";
  private static final byte[] ESTABLISHED = " 01 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REPEATING = " 01:".getBytes(StandardCharsets.US_ASCII);

  /** CLOSE_WAIT: the other end has closed, this one hasn't. */
  private static final byte[] CLOSED = " 08 ".getBytes(StandardCharsets.US_ASCII);

  /** The column of the number of retransmissions. */
  private static final int REPETITIONS = 6;

  private static final int PORT_DIGITS = 4;

  private final List<Path> tables;
  private final Timers timers;
  private final Executor pool;
  private final LongSupplier cpuNanos;
  private final boolean unaltered;

  /** The bridge's ports: those that requests have reached. */
  private final Set<Integer> localPorts = ConcurrentHashMap.newKeySet();

  /** Whether a look at the tables is scheduled. */
  private final AtomicBoolean awake = new AtomicBoolean();

  private volatile Reading latest;
  private volatile boolean asked;
  private volatile boolean askedForSilent;
  private volatile boolean over;

  /**
   * The contents of the tables.
   *
   * @param startedAt by the timers' clock
   * @param silent the names of connections without acknowledgements
   * @param closed those that the other end has closed
   * @param peers remote addresses of open connections to the bridge, each with the bridge's port
   * @param peerPorts their remote ports
   * @param previous the reading before; null if there is none
   */
  private record Reading(
      long startedAt,
      Set<String> silent,
      Set<String> closed,
      Set<String> peers,
      BitSet peerPorts,
      Reading previous) {
    Reading(long startedAt, Reading previous) {
      this(startedAt, new HashSet<>(), new HashSet<>(), new HashSet<>(), new BitSet(), previous);
    }

    /** Without its previous one, so that readings don't form an endless chain. */
    Reading alone() {
      return new Reading(startedAt, silent, closed, peers, peerPorts, null);
    }
  }

  /** The connection of a request. */
  public final class Connection {
    private final String remote;
    private final int remotePort;
    private final int localPort;
    private final long since = timers.nanoTime();

    private Connection(String remote, int remotePort, int localPort) {
      this.remote = remote;
      this.remotePort = remotePort;
      this.localPort = localPort;
    }

    /** Whether the other end has stopped acknowledging data. */
    boolean isSilent() {
      askedForSilent = true;
      wake();
      Reading reading = latest;
      return isIn(reading, reading.silent);
    }

    /** Whether the other end had closed or reset it when the tables were last read. */
    public boolean isClosedByPeer() {
      asked = true;
      wake();
      Reading reading = latest;
      return isIn(reading, reading.closed)
          || isMissing(reading) && reading.previous != null && isMissing(reading.previous);
    }

    /** An older reading may contain an earlier connection with the same ports. */
    private boolean isIn(Reading reading, Set<String> names) {
      return !names.isEmpty()
          && reading.startedAt - since > 0
          && names.contains(name(remote, remotePort, localPort));
    }

    /**
     * Whether its address has other connections to the bridge, and no connection has its port. An
     * address without connections may be one from a header, unless the server excludes that. If a
     * header's address happens to have connections too, the port is still that of the proxy's
     * connection: a header rarely has a port of its own. A single reading doesn't suffice, because
     * the kernel may skip an entry while another one leaves the table.
     *
     * <p>So in a servlet container, a reset connection whose address has no other one isn't
     * noticed; nor is one whose port another address uses. Their dials keep their turns, which the
     * callers' networks take in rotation, for at most {@code cable.wait-timeout}.
     */
    private boolean isMissing(Reading reading) {
      return remotePort > 0
          && reading.startedAt - since > 0
          && !reading.peerPorts.get(remotePort)
          && (unaltered
              ? !reading.peers.isEmpty() // the table lists the bridge's connections
              : reading.peers.contains(peer(address(remote), localPort)));
    }
  }

  /**
   * @param unaltered whether a request's remote address and port are certainly those of its
   *     connection, not those of a header or of the PROXY protocol: in {@code java -jar}. A reset
   *     connection is then noticed even if its address has no other one
   */
  public TcpTable(Timers timers, Executor pool, boolean unaltered) {
    this(
        List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6")),
        timers,
        pool,
        ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime,
        unaltered);
  }

  /**
   * @param tables files as proc(5) describes them
   * @param cpuNanos the calling thread's processor time; negative if unknown
   */
  TcpTable(
      List<Path> tables, Timers timers, Executor pool, LongSupplier cpuNanos, boolean unaltered) {
    this.tables = tables.stream().filter(Files::isReadable).toList();
    this.timers = timers;
    this.pool = pool;
    this.cpuNanos = cpuNanos;
    this.unaltered = unaltered;
    latest = new Reading(timers.nanoTime(), null);
  }

  /** The connection of the request; if another node relays it, that node's connection. */
  public Connection connection(ServletRequest request) {
    ServletRequest own = request;
    while (own instanceof ServletRequestWrapper wrapper) {
      own = wrapper.getRequest(); // a wrapper may have its client's address
    }
    return connection(own.getRemoteAddr(), own.getRemotePort(), own.getLocalPort());
  }

  Connection connection(String remote, int remotePort, int localPort) {
    localPorts.add(localPort);
    return new Connection(remote, remotePort, localPort);
  }

  /** The name of a connection in the tables. */
  static String name(String address, int remotePort, int localPort) {
    return String.format(Locale.ROOT, "%s:%04X %04X", address(address), remotePort, localPort);
  }

  /**
   * @param address as in the tables
   */
  private static String peer(String address, int localPort) {
    return address + ' ' + localPort;
  }

  /** An address in the tables; empty if it is invalid. */
  private static String address(String address) {
    IpAddress remote = IpAddress.parse(address);
    if (remote == null) {
      return "";
    }
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    byte[] bytes = remote.bytes();
    byte[] words = new byte[bytes.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = bytes[little ? i ^ 3 : i]; // a number in this machine's byte order
    }
    return HexFormat.of().withUpperCase().formatHex(words);
  }

  @Override
  public void close() {
    over = true;
  }

  private void wake() {
    if (!tables.isEmpty() && awake.compareAndSet(false, true)) {
      pause(MIN_PAUSE_MILLIS);
    }
  }

  private void pause(long milliseconds) {
    timers.after(milliseconds, () -> pool.execute(this::look));
  }

  private void look() {
    if (over) {
      return;
    }
    if (!asked && !askedForSilent) {
      awake.set(false);
      if (asked || askedForSilent) {
        wake(); // a caller has asked since the check
      }
      return;
    }
    long start = timers.nanoTime();
    long before = cpuNanos.getAsLong();
    if (asked || askedForSilent && start - latest.startedAt >= SILENT_PAUSE_NANOS) {
      asked = false;
      askedForSilent = false;
      latest = read(start);
    }
    long took = TimeUnit.NANOSECONDS.toMillis(cpuNanos.getAsLong() - before);
    pause(Math.max(MIN_PAUSE_MILLIS, Math.min(took * PAUSE_FOR_EACH_PART, MAX_PAUSE_MILLIS)));
  }

  private Reading read(long start) {
    Reading found = new Reading(start, latest.alone());
    for (Path table : tables) {
      try (InputStream lines = Files.newInputStream(table)) {
        read(lines, found);
      } catch (IOException e) {
        return new Reading(
            start, null); // there may be no descriptor left: that must not cut clients off
      }
    }
    return found;
  }

  /** Without a string for each of the many irrelevant lines. */
  private void read(InputStream lines, Reading found) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    byte[] line = new byte[512];
    int length = 0;
    for (int count = lines.read(buffer); count > 0; count = lines.read(buffer)) {
      for (int i = 0; i < count; i++) {
        if (buffer[i] != '\n') {
          line[Math.min(length++, line.length - 1)] = buffer[i];
        } else {
          note(line, Math.min(length, line.length), found);
          length = 0;
        }
      }
    }
  }

  private void note(byte[] line, int length, Reading found) {
    int open = indexOf(line, length, ESTABLISHED);
    int closed = open < 0 ? indexOf(line, length, CLOSED) : -1;
    if (open >= 0) {
      notePeer(line, open, found);
      if (indexOf(line, length, REPEATING) >= 0 && repetitions(line, length) >= MAX_REPETITIONS) {
        found.silent.add(name(line, open));
      }
    } else if (closed >= 0) {
      found.closed.add(name(line, closed));
    }
  }

  /**
   * @param end of the remote address and port
   */
  private void notePeer(byte[] line, int end, Reading found) {
    int start = startOfRemote(line, end);
    int localPort = port(line, start - 1);
    if (localPorts.contains(localPort)) {
      found.peerPorts.set(port(line, end));
      found.peers.add(peer(unmapped(text(line, start, end - PORT_DIGITS - 1)), localPort));
    }
  }

  /** The name of a line's connection; see {@link #name(String, int, int)}. */
  private static String name(byte[] line, int end) {
    int start = startOfRemote(line, end);
    return unmapped(text(line, start, end)) + ' ' + text(line, start - 1 - PORT_DIGITS, start - 1);
  }

  private static int startOfRemote(byte[] line, int end) {
    int start = end;
    while (line[start - 1] != ' ') {
      start--;
    }
    return start;
  }

  private static int port(byte[] line, int end) {
    return HexFormat.fromHexDigits(text(line, end - PORT_DIGITS, end));
  }

  private static String unmapped(String remote) {
    return remote.startsWith(MAPPED) ? remote.substring(MAPPED.length()) : remote;
  }

  private static int repetitions(byte[] line, int length) {
    return HexFormat.fromHexDigits(text(line, 0, length).strip().split(" +")[REPETITIONS]);
  }

  private static String text(byte[] line, int start, int end) {
    return new String(line, start, end - start, StandardCharsets.US_ASCII);
  }

  private static int indexOf(byte[] line, int length, byte[] part) {
    for (int start = 0; start + part.length <= length; start++) {
      int i = 0;
      while (i < part.length && line[start + i] == part[i]) {
        i++;
      }
      if (i == part.length) {
        return start;
      }
    }
    return -1;
  }
}
