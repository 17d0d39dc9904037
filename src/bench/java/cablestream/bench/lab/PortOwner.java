package cablestream.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the process that listens on a TCP port of this machine (proc(5), net/tcp). */
final class PortOwner {
  private static final String LISTEN = "0A";

  private PortOwner() {}

  /** Its process id; 0 if it can't be found, or belongs to another user. */
  static long of(int port) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      List<String> sockets = listening(port);
      return processes
          .filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .filter(process -> holds(process, sockets))
          .mapToLong(process -> Long.parseLong(process.getFileName().toString()))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> listening(int port) throws IOException {
    String suffix = ":%04X".formatted(port);
    return Stream.concat(
            Files.lines(Path.of("/proc/net/tcp")), Files.lines(Path.of("/proc/net/tcp6")))
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[1].endsWith(suffix) && fields[3].equals(LISTEN))
        .map(fields -> "socket:[" + fields[9] + "]")
        .toList();
  }

  private static boolean holds(Path process, List<String> sockets) {
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return descriptors.anyMatch(descriptor -> sockets.contains(destination(descriptor)));
    } catch (IOException notOursOrGone) {
      return false;
    }
  }

  private static String destination(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }
}
