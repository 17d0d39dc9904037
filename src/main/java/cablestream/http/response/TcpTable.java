package cablestream.http.response;

import cablestream.concurrent.Timers;
import cablestream.http.request.IpAddress;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
 *   <li>Whether the other end, a client or a proxy, has closed the connection: a container doesn't
 *       read while a request waits for its response. A connection that was reset isn't in the table
 *       any more, so it looks like one whose address a proxy's header has replaced.
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

  // Columns.
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int REPETITIONS = 6;

  private final List<Path> tables;
  private final Timers timers;
  private final Executor pool;
  private final LongSupplier cpuNanos;
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
   */
  private record Reading(long startedAt, Set<String> silent, Set<String> closed) {
    Reading(long startedAt) {
      this(startedAt, new HashSet<>(), new HashSet<>());
    }
  }

  /** The connection of a request. */
  final class Connection {
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
      Reading reading = latest;
      return isIn(reading, reading.silent);
    }

    /** Whether the other end had closed it when the tables were last read. */
    boolean isClosedByPeer() {
      asked = true;
      Reading reading = latest;
      return isIn(reading, reading.closed);
    }

    /** An older reading may contain an earlier connection with the same ports. */
    private boolean isIn(Reading reading, Set<String> names) {
      return !names.isEmpty()
          && reading.startedAt - since > 0
          && names.contains(name(remote, remotePort, localPort));
    }
  }

  public TcpTable(Timers timers, Executor pool) {
    this(
        List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6")),
        timers,
        pool,
        ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
  }

  /**
   * @param tables files as proc(5) describes them
   * @param cpuNanos the calling thread's processor time; negative if unknown
   */
  TcpTable(List<Path> tables, Timers timers, Executor pool, LongSupplier cpuNanos) {
    this.tables = tables.stream().filter(Files::isReadable).toList();
    this.timers = timers;
    this.pool = pool;
    this.cpuNanos = cpuNanos;
    latest = new Reading(timers.nanoTime());
    if (!this.tables.isEmpty()) {
      pause(MIN_PAUSE_MILLIS);
    }
  }

  /** The connection of the request. */
  Connection connection(ServletRequest request) {
    return connection(request.getRemoteAddr(), request.getRemotePort(), request.getLocalPort());
  }

  Connection connection(String remote, int remotePort, int localPort) {
    return new Connection(remote, remotePort, localPort);
  }

  /** The name of a connection in the tables; empty if the address is invalid. */
  static String name(String address, int remotePort, int localPort) {
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
    String hex = HexFormat.of().withUpperCase().formatHex(words);
    return String.format(Locale.ROOT, "%s:%04X %04X", hex, remotePort, localPort);
  }

  @Override
  public void close() {
    over = true;
  }

  private void pause(long milliseconds) {
    timers.after(milliseconds, () -> pool.execute(this::look));
  }

  private void look() {
    if (over) {
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
    Reading found = new Reading(start);
    for (Path table : tables) {
      try (InputStream lines = Files.newInputStream(table)) {
        read(lines, found);
      } catch (IOException e) {
        return new Reading(start); // there may be no descriptor left: that must not cut clients off
      }
    }
    return found;
  }

  /** Without a string for each of the many irrelevant lines. */
  private static void read(InputStream lines, Reading found) throws IOException {
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

  private static void note(byte[] line, int length, Reading found) {
    boolean closed = holds(line, length, CLOSED);
    if (!closed && !(holds(line, length, ESTABLISHED) && holds(line, length, REPEATING))) {
      return;
    }
    String[] columns = new String(line, 0, length, StandardCharsets.US_ASCII).strip().split(" +");
    if (closed) {
      found.closed.add(name(columns));
    } else if (Integer.parseInt(columns[REPETITIONS], 16) >= MAX_REPETITIONS) {
      found.silent.add(name(columns));
    }
  }

  private static String name(String[] columns) {
    String remote = columns[REMOTE];
    return (remote.startsWith(MAPPED) ? remote.substring(MAPPED.length()) : remote)
        + columns[LOCAL].substring(columns[LOCAL].indexOf(':')).replace(':', ' ');
  }

  private static boolean holds(byte[] line, int length, byte[] part) {
    for (int start = 0; start + part.length <= length; start++) {
      int i = 0;
      while (i < part.length && line[start + i] == part[i]) {
        i++;
      }
      if (i == part.length) {
        return true;
      }
    }
    return false;
  }
}
