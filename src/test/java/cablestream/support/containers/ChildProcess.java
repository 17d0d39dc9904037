package cablestream.support.containers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A server in a process of its own, with a working directory under target/processes. Its output is
 * kept in memory and written to the file {@code log} there, the only file that remains when it is
 * closed. It ends at the latest with this process.
 */
public final class ChildProcess implements AutoCloseable {
  private final Process process;
  private final Path directory;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;
  private final Thread stopper = new Thread(this::close);
  private boolean ended;

  /** An empty working directory, in which a test can place files before the start. */
  public static Path newDirectory(String name) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "processes").toAbsolutePath());
      return Files.createTempDirectory(parent, name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param environment variables in addition to this process's own
   */
  public static ChildProcess start(
      Path directory, Map<String, String> environment, List<String> command) {
    try {
      return new ChildProcess(directory, environment, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ChildProcess(Path directory, Map<String, String> environment, List<String> command)
      throws IOException {
    this.directory = directory;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    reader = new Thread(this::read, directory.getFileName() + "-output");
    reader.setDaemon(true);
    reader.start();
    Runtime.getRuntime().addShutdownHook(stopper);
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        Writer log = Files.newBufferedWriter(directory.resolve("log"))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        log.write(line + "\n");
        log.flush();
        add(line);
      }
    } catch (IOException e) {
      add("(" + e + ")");
    } finally {
      end();
    }
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** The number of lines printed so far: a position for {@link #await}. */
  public synchronized int printed() {
    return lines.size();
  }

  /**
   * Waits for a line after a position.
   *
   * @return the match
   * @throws AssertionError if the process ends or doesn't print such a line in time
   */
  public synchronized Matcher await(int position, Pattern line, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (int next = position; ; next++) {
      while (next >= lines.size()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (ended || left <= 0) {
          throw new AssertionError(
              "No line like " + line + (ended ? " before it ended:\n" : ":\n") + log());
        }
        pause(left);
      }
      Matcher matcher = line.matcher(lines.get(next));
      if (matcher.find()) {
        return matcher;
      }
    }
  }

  /** Waits until the process listens on a port of the loopback address. */
  public void awaitListening(int port) {
    try {
      Awaitility.await()
          .ignoreExceptions()
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return true;
              });
    } catch (ConditionTimeoutException e) {
      close();
      throw new AssertionError("It doesn't listen:\n" + log(), e);
    }
  }

  private void pause(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Writes a line to its standard input and waits for the response: a line's part after {@code > }.
   */
  public String ask(String command, Duration timeout) {
    int position = printed();
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(command).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return await(position, Pattern.compile("^> (.*)"), timeout).group(1);
  }

  /** All that it has printed. */
  public synchronized String log() {
    return String.join("\n", lines);
  }

  /** Its working directory. */
  public Path directory() {
    return directory;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGTERM only; later output is still recorded. */
  public void terminate() {
    // Process.destroy() would close its output streams.
    process.toHandle().destroy();
  }

  /** Waits for the end of the process and returns its exit status. */
  public int awaitExit(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("It goes on:\n" + log());
      }
      reader.join(timeout.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return process.exitValue();
  }

  /** Sends SIGTERM, and SIGKILL after ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        kill();
      }
      reader.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    if (Thread.currentThread() != stopper) {
      forget();
    }
    tidy();
  }

  private void tidy() {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .filter(file -> !file.equals(directory) && !file.equals(directory.resolve("log")))
          .forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends SIGKILL. */
  public void kill() {
    process.destroyForcibly();
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(stopper);
    } catch (IllegalStateException e) {
      // This process is ending, and its hooks are running.
    }
  }
}
