package cablestream.bench.lab;

import cablestream.bench.control.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * Another bridge, started by the user's command, so that it can be measured in a fresh process as
 * ours is. Its output is {@code target/bench/target.log}.
 */
public final class CommandTarget implements Target {
  private static final Path LOG = Path.of("target", "bench", "target.log");
  private static final double PATIENCE_SECONDS = 60;
  private static final long EXIT_SECONDS = 30;

  private final URI url;
  private final String command;
  private Process process;

  /**
   * Starts it; returns when it listens.
   *
   * @param url its address
   * @param command for a shell, which it replaces
   */
  public CommandTarget(URI url, String command) {
    this.url = url;
    this.command = command;
    start();
  }

  private void start() {
    try {
      process =
          new ProcessBuilder("sh", "-c", "exec " + command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(LOG.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Lab.waitFor(this::listens, PATIENCE_SECONDS)) {
      close();
      throw new IllegalStateException(url + " doesn't answer; see " + LOG);
    }
  }

  private boolean listens() {
    if (!process.isAlive()) {
      throw new IllegalStateException(command + " has ended; see " + LOG);
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** With the same command: the flags are for our bridges only. */
  @Override
  public void restart(List<String> flags) {
    close();
    start();
  }

  @Override
  public String name() {
    return url.getAuthority();
  }

  @Override
  public List<URI> urls() {
    return List.of(url);
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    if (!Processes.awaitEnd(process, EXIT_SECONDS)) {
      throw new IllegalStateException(command + " doesn't end");
    }
  }
}
