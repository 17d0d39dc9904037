package cablestream.e2e;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Debian's Valkey, on its own ports, without files on disk. */
public final class ValkeyServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/valkey-server");

  /** How it runs, for each form of cluster.store. */
  enum Kind {
    /** A single server. */
    SINGLE,
    /** A server that clients find by a sentinel. */
    SENTINEL,
    /** A cluster of one node, which responds like one of several. */
    CLUSTER,
    /**
     * A single server with TLS only, and with a user that has exactly the rights that nodes need.
     */
    TLS
  }

  private final Kind kind;
  private final int port = FreePort.find();
  private final int sentinelPort = FreePort.find();
  private final Path directory = ChildProcess.newDirectory("valkey");
  private Certificate certificate;
  private ChildProcess process;
  private ChildProcess sentinel;

  public static ValkeyServer start() {
    return start(Kind.SINGLE);
  }

  static ValkeyServer start(Kind kind) {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError("This test needs " + PROGRAM + ": apt-get install valkey-server");
    }
    ValkeyServer server = new ValkeyServer(kind);
    try {
      if (kind == Kind.TLS) {
        server.certificate = Certificate.in(server.directory);
      }
      server.again();
      if (kind == Kind.CLUSTER) {
        server.ask("CLUSTER ADDSLOTSRANGE 0 16383", true);
      } else if (kind == Kind.SENTINEL) {
        server.startSentinel();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return server;
  }

  private ValkeyServer(Kind kind) {
    this.kind = kind;
  }

  /** Starts it again, empty, after {@link #stop}. */
  public void again() {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "--save", ""));
    command.addAll(List.of("--bind", "127.0.0.1", "--port", kind == Kind.TLS ? "0" : "" + port));
    command.addAll(List.of("--enable-debug-command", "local")); // otherwise DEBUG SLEEP is refused
    if (kind == Kind.CLUSTER) {
      command.addAll(List.of("--cluster-enabled", "yes"));
      command.addAll(List.of("--user", "default", "on", "nopass", "+@all", "~*", "&*"));
      command.addAll(user());
      command.addAll(List.of("+cluster|slots", "+cluster|shards"));
    } else if (kind == Kind.TLS) {
      command.addAll(List.of("--tls-port", "" + port, "--tls-auth-clients", "no"));
      command.addAll(List.of("--tls-cert-file", "app.example.pem"));
      command.addAll(List.of("--tls-key-file", "app.example.key"));
      command.addAll(List.of("--tls-ca-cert-file", "app.example.pem"));
      command.addAll(List.of("--user", "default", "off"));
      command.addAll(user());
    }
    process = ChildProcess.start(directory, Map.of(), command);
    process.awaitListening(port);
  }

  /** The commands of docs/nodes.md. */
  private static List<String> user() {
    return List.of(
        ("--user cablestream on >a-password resetkeys ~cablestream:* -@all +@read +@write"
                + " +@scripting +@connection +time")
            .split(" "));
  }

  private void startSentinel() throws IOException {
    Path file = directory.resolve("sentinel.conf");
    Files.writeString(
        file,
        """
        port %d
        bind 127.0.0.1
        sentinel monitor main 127.0.0.1 %d 1
        """
            .formatted(sentinelPort, port));
    sentinel =
        ChildProcess.start(
            directory, Map.of(), List.of(PROGRAM.toString(), file.toString(), "--sentinel"));
    sentinel.awaitListening(sentinelPort);
  }

  /** The port of a single server. */
  public int port() {
    return port;
  }

  String url() {
    return switch (kind) {
      case SINGLE -> "redis://127.0.0.1:" + port;
      case SENTINEL -> "redis-sentinel://127.0.0.1:" + sentinelPort + "/main";
      case CLUSTER -> "redis-cluster://cablestream:a-password@127.0.0.1:" + port;
      case TLS -> "rediss://cablestream:a-password@127.0.0.1:" + port;
    };
  }

  /** The options of a Java process that trusts its certificate, if it has one. */
  List<String> trustOptions() {
    try {
      return certificate == null ? List.of() : certificate.trustOptions();
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  public void stop() {
    process.close();
  }

  /** Makes it accept connections but send no reply for this long. */
  public void hang(int seconds) {
    ask("DEBUG SLEEP " + seconds, false);
  }

  /** Deletes everything. */
  public void flush() {
    ask("FLUSHALL", true);
  }

  /** The number of commands executed so far, without this one. */
  long commands() {
    String stats = ask("INFO stats", true);
    String name = "total_commands_processed:";
    int start = stats.indexOf(name) + name.length();
    return Long.parseLong(stats.substring(start, stats.indexOf('\r', start)));
  }

  private String ask(String command, boolean waits) {
    try {
      Socket socket = new Socket("127.0.0.1", port);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
      if (!waits) {
        return "";
      }
      try (socket) {
        InputStream in = socket.getInputStream();
        byte[] answer = new byte[32 * 1024];
        int length = in.read(answer);
        return new String(answer, 0, length, StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (sentinel != null) {
      sentinel.close();
    }
    process.close();
  }
}
