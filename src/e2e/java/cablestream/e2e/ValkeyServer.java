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
import java.util.List;
import java.util.Map;

/** Debian's Valkey, on a port of its own; it keeps nothing on disk. */
final class ValkeyServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/valkey-server");

  private final int port = FreePort.find();
  private ChildProcess process;

  static ValkeyServer start() {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError("This test needs " + PROGRAM + ": apt-get install valkey-server");
    }
    ValkeyServer server = new ValkeyServer();
    server.again();
    return server;
  }

  private ValkeyServer() {}

  /** Starts it again, with nothing in it, after {@link #stop}. */
  void again() {
    process =
        ChildProcess.start(
            ChildProcess.newDirectory("valkey"),
            Map.of(),
            List.of(PROGRAM.toString(), "--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
    process.awaitListening(port);
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  void stop() {
    process.close();
  }

  /** It takes connections, and answers nothing, for so long. */
  void hang(int seconds) {
    ask("DEBUG SLEEP " + seconds, false);
  }

  /** It forgets everything. */
  void flush() {
    ask("FLUSHALL", true);
  }

  /** How many commands it has carried out so far, this one not counted. */
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
    process.close();
  }
}
