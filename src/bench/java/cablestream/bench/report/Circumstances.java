package cablestream.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** The machine, the time and the configuration of a measurement. */
public final class Circumstances {
  private Circumstances() {}

  /** Names and values. @param command that was run */
  public static Map<String, String> now(String command) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    all.put("command", command);
    all.put("processor", line("/proc/cpuinfo", "model name"));
    all.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    all.put("memory", line("/proc/meminfo", "MemTotal"));
    all.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    all.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    return all;
  }

  private static String line(String file, String name) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
