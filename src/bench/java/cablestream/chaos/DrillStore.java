package cablestream.chaos;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A Valkey without files on disk, on the same port after each restart. */
final class DrillStore implements AutoCloseable {
  private final int port = FreePort.find();
  private ChildProcess process;

  int port() {
    return port;
  }

  /** Returns when it listens. */
  void start() {
    process =
        ChildProcess.start(
            ChildProcess.newDirectory("valkey"),
            Map.of(),
            List.of("valkey-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
    process.awaitListening(port);
  }

  void kill() {
    process.kill();
    process.close();
  }

  /** Sends a signal, such as STOP. */
  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Deletes everything. */
  void flush() {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}
