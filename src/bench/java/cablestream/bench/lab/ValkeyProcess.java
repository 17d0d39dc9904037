package cablestream.bench.lab;

import cablestream.bench.control.Processes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A Valkey server of its own, on loopback, without files on disk. */
public final class ValkeyProcess implements AutoCloseable {
  private static final double PATIENCE_SECONDS = 10;

  /** Far more than the reply to INFO. */
  private static final int MAX_ANSWERED = 64 * 1024;

  private final int port;
  private final Process process;

  /** Starts it; the server must be in the path, as installed by Debian's package valkey-server. */
  ValkeyProcess(int port) {
    this.port = port;
    try {
      process =
          new ProcessBuilder(
                  List.of(
                      "valkey-server",
                      "--port",
                      Integer.toString(port),
                      "--bind",
                      "127.0.0.1",
                      "--save",
                      ""))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new IllegalStateException("valkey-server is needed in the path: " + e.getMessage(), e);
    }
    if (!Lab.waitFor(this::answers, PATIENCE_SECONDS)) {
      close();
      throw new IllegalStateException("valkey-server doesn't answer");
    }
  }

  URI url() {
    return URI.create("redis://127.0.0.1:" + port);
  }

  /** The number of commands executed, including those within scripts and these queries. */
  long commands() {
    return number("stats", "total_commands_processed");
  }

  /** The number of scripts executed for its clients. */
  long scripts() {
    return number("commandstats", "cmdstat_eval:calls=", ",");
  }

  /** Their total duration in microseconds, as measured by the server. */
  long scriptMicros() {
    String before = "cmdstat_eval:calls=" + scripts() + ",usec=";
    return number("commandstats", before, ",");
  }

  /** Makes the nodes see this many additional nodes, for an hour. */
  void pretend(int nodes) {
    String key = ask("KEYS *{nodes}").lines().skip(2).findFirst().orElseThrow();
    long until = System.currentTimeMillis() + 3_600_000;
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < nodes; i++) {
      String line = "\"node-%011d http://192.0.2.%d:8080/cable-events 0\"".formatted(i, i);
      commands.append("ZADD %s %d %s\r\n".formatted(key, until, line));
    }
    ask(commands.toString().strip());
  }

  /** Bytes in use. */
  long bytes() {
    return number("memory", "used_memory");
  }

  /** The processor time of its process, in seconds. */
  double cpuSeconds() {
    return Usage.of(process.pid()).cpuSeconds();
  }

  private boolean answers() {
    try {
      return bytes() > 0;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** A figure of INFO (valkey.io/commands/info). */
  private long number(String section, String name) {
    return number(section, name + ":", "\r");
  }

  private long number(String section, String before, String after) {
    String figures = ask("INFO " + section);
    int start = figures.indexOf("\n" + before);
    if (start < 0) {
      throw new IllegalStateException("no " + before + " in: " + figures);
    }
    start += 1 + before.length();
    return Long.parseLong(figures.substring(start, figures.indexOf(after, start)));
  }

  private String ask(String command) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(MAX_ANSWERED), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    Processes.awaitEnd(process, 5);
  }
}
