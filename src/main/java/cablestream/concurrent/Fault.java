package cablestream.concurrent;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Logs faults by their class and stack, never by their message: most messages come from libraries,
 * and may contain what a client sent, such as an events-id or a token. Any thread.
 */
public final class Fault {
  /** What {@link #isOutOfDescriptors} means, for logs. */
  public static final String OUT_OF_DESCRIPTORS =
      "no file descriptor is left: raise ulimit -n (LimitNOFILE)";

  /** Traces of one fault in a minute; the others are counted. */
  static final int MAX_TRACES = 10;

  private static final int MAX_PLACES = 256;
  private static final int MAX_CAUSES = 8;
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Map<String, Traces> PLACES = new ConcurrentHashMap<>();

  private Fault() {}

  /**
   * Logs an error with the stack but without the exceptions' messages. If that fails, as it does
   * without memory, nothing is logged.
   *
   * @param event a constant, or composed of constants
   */
  public static void log(Logger log, String event, Throwable fault) {
    try {
      StackTraceElement[] stack = fault.getStackTrace();
      String place = event + fault.getClass().getName() + (stack.length == 0 ? "" : stack[0]);
      if (PLACES.size() > MAX_PLACES) {
        PLACES.clear();
      }
      long omitted = PLACES.computeIfAbsent(place, key -> new Traces()).next();
      if (omitted >= 0) {
        String omission = omitted == 0 ? "" : " omitted=" + omitted;
        log.error(event + " fault=" + kind(fault) + omission, withoutMessages(fault, 0));
      }
    } catch (Throwable second) {
      // The thread continues in any case.
    }
  }

  /** Whether no file descriptor is left, which the JDK reports only in the message. */
  public static boolean isOutOfDescriptors(Throwable failure) {
    String text = failure.getMessage();
    return failure instanceof IOException && text != null && text.contains("Too many open files");
  }

  /** The classes of a failure and of its cause, as {@code IOException by EofException}. */
  public static String kind(Throwable failure) {
    StringBuilder kind = new StringBuilder();
    Throwable each = failure;
    for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
      String name = each.getClass().getSimpleName();
      kind.append(depth == 0 ? "" : " by ").append(name.isEmpty() ? "Throwable" : name);
      each = each.getCause();
    }
    return kind.toString();
  }

  /** Errors of the virtual machine stay unchanged: monitoring of the log may react to them. */
  private static Throwable withoutMessages(Throwable fault, int depth) {
    if (fault == null || depth == MAX_CAUSES) {
      return null;
    }
    boolean machines = fault instanceof OutOfMemoryError || fault instanceof StackOverflowError;
    return machines
        ? fault
        : new WithoutMessage(fault, withoutMessages(fault.getCause(), depth + 1));
  }

  /** An exception without its message. */
  private static final class WithoutMessage extends Throwable {
    private static final long serialVersionUID = 1L;

    private final String name;

    WithoutMessage(Throwable fault, Throwable cause) {
      super(null, cause, false, true);
      name = fault.getClass().getName();
      setStackTrace(fault.getStackTrace());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** How often one fault has been logged in this minute. */
  private static final class Traces {
    private long omitted;
    private long began = System.nanoTime();
    private int traces;

    /** How many were omitted since the last one; negative if this one must be omitted. */
    synchronized long next() {
      long now = System.nanoTime();
      if (now - began >= MINUTE_NANOS) {
        began = now;
        traces = 0;
      }
      if (traces == MAX_TRACES) {
        omitted++;
        return -1;
      }
      traces++;
      long since = omitted;
      omitted = 0;
      return since;
    }
  }
}
