package cablestream.e2e;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * One of Debian's proxies with a sample of src/deploy, in which only ports, addresses and paths are
 * replaced. It serves {@code https://app.example}.
 */
final class Proxy implements AutoCloseable {
  private static final AtomicInteger VISITORS = new AtomicInteger();

  private final Path directory;
  private final ChildProcess process;
  private final int port;
  private final SSLContext tls;

  /**
   * Starts one with the sample for one node.
   *
   * @param bridge its port
   */
  static Proxy start(ProxyProgram program, int bridge, RailsServer rails) {
    try {
      return new Proxy(
          program,
          program.sample(),
          Map.of("127.0.0.1:8080", local(bridge), "127.0.0.1:3000", local(rails.port())));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Starts one with another sample.
   *
   * @param addresses in the sample, and their replacements
   */
  static Proxy start(ProxyProgram program, String sample, Map<String, String> addresses) {
    try {
      return new Proxy(program, sample, addresses);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Proxy(ProxyProgram program, String sample, Map<String, String> addresses)
      throws IOException, GeneralSecurityException {
    directory = ChildProcess.newDirectory(program.name().toLowerCase(Locale.ROOT));
    port = FreePort.find();
    tls = Certificate.in(directory).trusted();
    Map<String, String> changes = new HashMap<>(program.changes(directory, port));
    changes.putAll(addresses);
    program.layOut(directory, port, replace(sample, changes));
    process = ChildProcess.start(directory, Map.of(), program.command(directory));
    process.awaitListening(port);
  }

  static String local(int port) {
    return "127.0.0.1:" + port;
  }

  /** Fails if the text lacks one of the texts to be replaced. */
  static String replace(String text, Map<String, String> changes) {
    String changed = text;
    for (Map.Entry<String, String> change : changes.entrySet()) {
      if (!changed.contains(change.getKey())) {
        throw new AssertionError("The sample lacks " + change.getKey());
      }
      changed = changed.replace(change.getKey(), change.getValue());
    }
    return changed;
  }

  int port() {
    return port;
  }

  /** The TLS context of a client that trusts its certificate. */
  SSLContext tls() {
    return tls;
  }

  /** A new browser on https://app.example with a loopback address of its own. */
  Visitor visitor() {
    int number = VISITORS.incrementAndGet();
    String address = "127.1.%d.%d".formatted(number / 250, 1 + number % 250);
    return Visitor.of(new Site(port, "/cable-events")).over(tls, "app.example").from(address);
  }

  /** The number of connections from clients that haven't closed theirs. */
  long connections() {
    // local_address and st: the port in hex, and 01 for an established connection.
    String established = "^ *\\d+: \\w+:%04X \\w+:\\w+ 01 .*".formatted(port);
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
      return sockets.filter(socket -> socket.matches(established)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The content of its log files and its standard error. */
  String logs() {
    StringBuilder logs = new StringBuilder(process.log());
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".log")).toList()) {
        logs.append(Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return logs.toString();
  }

  @Override
  public void close() {
    process.close();
  }
}
