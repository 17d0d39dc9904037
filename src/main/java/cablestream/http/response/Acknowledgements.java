package cablestream.http.response;

import cablestream.concurrent.Timers;
import cablestream.http.request.IpAddress;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.io.InputStream;
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

/**
 * Whether the machine at the other end of a connection acknowledges what it is sent, as Linux tells
 * in {@code /proc/net/tcp} (proc(5)). Of one that has vanished with its network nothing comes back,
 * and the kernel goes on sending for a quarter of an hour; no container tells, keep-alive is silent
 * while anything waits to be acknowledged, and Java has no TCP_USER_TIMEOUT. The sysctl {@code
 * net.ipv4.tcp_retries2} is no substitute: it applies to every connection of a machine or a
 * container, and neither a unit nor an image can set it. Where there is no such file, everybody
 * acknowledges.
 *
 * <p>Any thread. The file is read on the pool, every five seconds, or ten where that takes long,
 * while somebody asks; what is kept are the connections that are silent.
 */
public final class Acknowledgements implements AutoCloseable {
  /**
   * Sent again so often in vain: with Linux' shortest first wait, 200 ms, for 6 to 12 s. An
   * acknowledgement sets the number to 0.
   */
  private static final int MAX_REPETITIONS = 5;

  private static final long MIN_PAUSE_MILLIS = 5_000;
  private static final long MAX_PAUSE_MILLIS = 10_000;
  private static final long PAUSE_FOR_EACH_PART = 50;

  private static final String MAPPED = "0000000000000000FFFF0000";
  private static final byte[] ESTABLISHED = " 01 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REPEATING = " 01:".getBytes(StandardCharsets.US_ASCII);

  // Columns.
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int REPETITIONS = 6;

  private final List<Path> tables;
  private final Timers timers;
  private final Executor pool;
  private volatile Set<String> silent = Set.of();
  private volatile boolean asked;
  private volatile boolean closed;

  public Acknowledgements(Timers timers, Executor pool) {
    this(List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6")), timers, pool);
  }

  /**
   * @param tables files as proc(5) describes them
   */
  Acknowledgements(List<Path> tables, Timers timers, Executor pool) {
    this.tables = tables.stream().filter(Files::isReadable).toList();
    this.timers = timers;
    this.pool = pool;
    if (!this.tables.isEmpty()) {
      pause(MIN_PAUSE_MILLIS);
    }
  }

  /** The connection that the request came by, as the tables name it. */
  public static String connection(ServletRequest request) {
    IpAddress remote = IpAddress.parse(request.getRemoteAddr());
    return remote == null ? "" : name(remote, request.getRemotePort(), request.getLocalPort());
  }

  static String name(IpAddress remote, int remotePort, int localPort) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    byte[] bytes = remote.bytes();
    byte[] words = new byte[bytes.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = bytes[little ? i ^ 3 : i]; // four bytes are a number of this machine's
    }
    String address = HexFormat.of().withUpperCase().formatHex(words);
    return String.format(Locale.ROOT, "%s:%04X %04X", address, remotePort, localPort);
  }

  /** Whether nothing comes back on the connection that has this name. */
  public boolean isSilent(String connection) {
    asked = true;
    return silent.contains(connection);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void pause(long milliseconds) {
    timers.after(milliseconds, () -> pool.execute(this::look));
  }

  private void look() {
    if (closed) {
      return;
    }
    long start = timers.nanoTime();
    if (asked) {
      asked = false;
      silent = silent();
    }
    long took = TimeUnit.NANOSECONDS.toMillis(timers.nanoTime() - start);
    pause(Math.max(MIN_PAUSE_MILLIS, Math.min(took * PAUSE_FOR_EACH_PART, MAX_PAUSE_MILLIS)));
  }

  private Set<String> silent() {
    Set<String> found = new HashSet<>();
    for (Path table : tables) {
      try (InputStream lines = Files.newInputStream(table)) {
        read(lines, found);
      } catch (IOException e) {
        return Set.of(); // there may be no descriptor left: nobody is to be cut for that
      }
    }
    return found;
  }

  /** Without a string for each of the many lines that don't matter. */
  private static void read(InputStream lines, Set<String> found) throws IOException {
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

  private static void note(byte[] line, int length, Set<String> found) {
    if (!holds(line, length, ESTABLISHED) || !holds(line, length, REPEATING)) {
      return;
    }
    String[] columns = new String(line, 0, length, StandardCharsets.US_ASCII).strip().split(" +");
    if (Integer.parseInt(columns[REPETITIONS], 16) >= MAX_REPETITIONS) {
      String remote = columns[REMOTE];
      found.add(
          (remote.startsWith(MAPPED) ? remote.substring(MAPPED.length()) : remote)
              + columns[LOCAL].substring(columns[LOCAL].indexOf(':')).replace(':', ' '));
    }
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
