package cablestream.bench.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The number of files that a process may open, changed while it runs by util-linux' prlimit. */
public record Descriptors(long pid, String max) {
  /**
   * Those of a process.
   *
   * @throws IOException if there is no prlimit, or no such process
   */
  public static Descriptors of(long pid) throws IOException {
    return new Descriptors(
        pid, prlimit("--pid", "" + pid, "--nofile", "--noheadings", "--raw", "--output=SOFT"));
  }

  /** Leaves the process this many free descriptors. */
  public void leave(int spare) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", "" + pid, "fd"))) {
      allow(Long.toString(open.count() + spare));
    }
  }

  /** Restores the former limit. */
  public void restore() throws IOException {
    allow(max);
  }

  private void allow(String number) throws IOException {
    prlimit("--pid", "" + pid, "--nofile=" + number + ":");
  }

  private static String prlimit(String... arguments) throws IOException {
    List<String> command = Stream.concat(Stream.of("prlimit"), Stream.of(arguments)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return said.strip();
  }
}
