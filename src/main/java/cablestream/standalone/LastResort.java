package cablestream.standalone;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Ends the process, so that a supervisor restarts it, where the virtual machine doesn't: after an
 * OutOfMemoryError that {@code -XX:+ExitOnOutOfMemoryError} doesn't cover (of threads or direct
 * buffers) and that is logged or uncaught, and when a stop takes too long. Any thread.
 */
final class LastResort extends Handler {
  /** The virtual machine's own exit status with {@code -XX:+ExitOnOutOfMemoryError}. */
  static final int OUT_OF_MEMORY = 3;

  /** The exit status after SIGTERM. */
  private static final int TERMINATED = 143;

  private static final int DEEPEST_CAUSE = 16;

  private final FileOutputStream errors = new FileOutputStream(FileDescriptor.err);
  private final byte[] outOfMemory =
      line("event=out_of_memory the process exits with " + OUT_OF_MEMORY + ", to be restarted");
  private final byte[] overdue =
      line("event=stop_overdue the process ends before its drain is complete");

  /** Whether the virtual machine has an option that ends it when its heap is full. */
  static boolean doesMachineExit() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .anyMatch(
            option ->
                option.matches("-XX:(\\+(Exit|Crash)OnOutOfMemoryError|OnOutOfMemoryError=.*)"));
  }

  /** Ends the process after uncaught errors. */
  void start() {
    Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
  }

  /** Limits the duration of a stop, which has begun. */
  void limitStop(long milliseconds) {
    Thread thread = new Thread(() -> endAfter(milliseconds), "cablestream-last-resort");
    thread.setDaemon(true);
    thread.setPriority(Thread.MAX_PRIORITY);
    thread.start();
  }

  private void endAfter(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
      end(overdue, TERMINATED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void uncaught(Thread thread, Throwable error) {
    endIfOutOfMemory(error);
    System.err.print("Exception in thread \"" + thread.getName() + "\" " + LogLines.stack(error));
  }

  private void endIfOutOfMemory(Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      if (cause instanceof OutOfMemoryError) {
        end(outOfMemory, OUT_OF_MEMORY);
      }
      cause = cause.getCause();
    }
  }

  /** Without shutdown hooks: there is no memory for a drain, or its time is over. */
  private void end(byte[] why, int status) {
    try {
      errors.write(why);
    } catch (IOException e) {
      // Standard error can't be written.
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  private static byte[] line(String text) {
    return ("SEVERE cablestream " + text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Every log record passes here. */
  @Override
  public void publish(LogRecord line) {
    endIfOutOfMemory(line.getThrown());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
