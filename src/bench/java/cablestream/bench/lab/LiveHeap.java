package cablestream.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The live size of a Java process's heap after a full collection, by the JDK's jcmd. */
public final class LiveHeap {
  private LiveHeap() {}

  /** Bytes; empty if there is no jcmd or no Java process. */
  public static OptionalLong of(long pid) {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      return OptionalLong.empty();
    }
    return total(run(jcmd, pid));
  }

  /** The last line: {@code Total} instances bytes. */
  static OptionalLong total(String histogram) {
    return histogram
        .lines()
        .filter(line -> line.startsWith("Total"))
        .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[2]))
        .findFirst();
  }

  private static String run(Path jcmd, long pid) {
    try {
      Process process =
          new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
