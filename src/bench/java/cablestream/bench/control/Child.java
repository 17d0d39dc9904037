package cablestream.bench.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The driver's side of a child process that executes {@link Orders}. */
public final class Child implements AutoCloseable {
  /** The longest duration of an order; a longer one is a fault of the benchmark. */
  private static final int LONGEST_SECONDS = 180;

  private final String name;
  private final Process process;
  private final PrintStream in;
  private final BufferedReader out;

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a Java process with this one's class path. Its standard error is shown.
   *
   * @param flags of the Java virtual machine
   */
  public static Child start(String name, List<String> flags, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      return new Child(name, process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /**
   * Sends an order and waits for the response.
   *
   * @throws IllegalStateException if the response is an error, is missing, or isn't in time
   */
  public Line ask(Line order) {
    in.println(order);
    Line answer = Line.parse(readLine(order));
    if (!answer.word().equals("ok")) {
      throw new IllegalStateException(name + ": " + order.word() + ": " + answer);
    }
    return answer;
  }

  /**
   * Whether the child's {@link System#nanoTime} is the same clock; latencies are differences of the
   * two.
   */
  public boolean sharesClock() {
    long before = System.nanoTime();
    long theirs = ask(Line.of("clock")).number("now");
    return theirs >= before && theirs <= System.nanoTime();
  }

  private String readLine(Line order) {
    try {
      String line =
          CompletableFuture.supplyAsync(this::nextLine).get(LONGEST_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new IllegalStateException(name + " has ended instead of answering " + order.word());
      }
      return line;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(name + " doesn't answer " + order.word(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String nextLine() {
    try {
      return out.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the child: closes its input and, if that isn't enough, kills it. */
  @Override
  public void close() {
    in.close();
    Processes.awaitEnd(process, 3);
  }
}
