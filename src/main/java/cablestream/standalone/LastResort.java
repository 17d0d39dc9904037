package cablestream.standalone;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.SoftReference;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Ends the process where it can't go on and nobody else would end it: after an OutOfMemoryError,
 * whoever has caught it, and when a stop takes too long. A supervisor can mend a dead process.
 *
 * <p>The virtual machine tells nobody of an OutOfMemoryError, and what makes it tell can be set on
 * its command line only. But it promises to clear every soft reference before it throws one, and
 * that is a reference here, the canary. Others it clears when they haven't been used for some time,
 * which is none at all when the heap was full at the last collection, though the next one may find
 * half of it free; so the canary is made to look as if it had been used in a far future. Where that
 * can't be done, and for other memory than the heap's (threads, buffers), there are only the errors
 * that are logged, or not caught at all.
 *
 * <p>Its thread is there from the start and needs no memory to end the process.
 */
final class LastResort extends Handler {
  /** What the virtual machine itself exits with where it is told to by -XX. */
  static final int OUT_OF_MEMORY = 3;

  /** What SIGTERM ends with. */
  private static final int TERMINATED = 143;

  private static final long LOOK_MILLIS = 100;

  /** Later than any time of the collectors'; half of what there is, as they subtract. */
  private static final long FAR_FUTURE = Long.MAX_VALUE / 2;

  /**
   * A collector that runs beside the program clears it to catch up, too, but then once or twice.
   */
  private static final int LOSSES_IN_A_ROW = 10;

  private static final int DEEPEST_CAUSE = 16;

  private final FileOutputStream errors = new FileOutputStream(FileDescriptor.err);
  private final byte[] outOfMemory =
      line("event=out_of_memory the process ends with " + OUT_OF_MEMORY + ", to be started again");
  private final byte[] overdue = line("event=stop_overdue the process ends without its goodbyes");
  private final Field lastUse = lastUse();
  private SoftReference<Object> canary = canary();

  /** When a stop must be over, by System.nanoTime; 0 while there is none. */
  private volatile long deadline;

  /** Begins to look after the process. */
  void start() {
    Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
    Thread thread = new Thread(this::look, "cablestream-last-resort");
    thread.setDaemon(true);
    thread.setPriority(Thread.MAX_PRIORITY);
    thread.start();
  }

  /** A stop has begun, and may take so long. */
  void limitStop(long milliseconds) {
    deadline = System.nanoTime() + milliseconds * 1_000_000;
  }

  private void look() {
    try {
      int most = stopsTheWorld() ? 1 : LOSSES_IN_A_ROW;
      int lost = 0;
      while (deadline == 0 || System.nanoTime() - deadline < 0) {
        lost = canary != null && canary.refersTo(null) ? lost + 1 : 0;
        if (lost == most) {
          end(outOfMemory, OUT_OF_MEMORY);
        } else if (lost > 0) {
          canary = canary();
        }
        Thread.sleep(LOOK_MILLIS);
      }
      end(overdue, TERMINATED);
    } catch (OutOfMemoryError e) {
      end(outOfMemory, OUT_OF_MEMORY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The manifest opens it to {@code java -jar} (Add-Opens). Null where it can't be had. */
  private static Field lastUse() {
    try {
      Field field = SoftReference.class.getDeclaredField("timestamp");
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException | InaccessibleObjectException e) {
      return null;
    }
  }

  /** Only ever looked at by refersTo, as its other method is a use, and sets the time. */
  private SoftReference<Object> canary() {
    if (lastUse == null) {
      return null;
    }
    SoftReference<Object> made = new SoftReference<>(new Object());
    try {
      lastUse.setLong(made, FAR_FUTURE);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    return made;
  }

  private static boolean stopsTheWorld() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .noneMatch(collector -> collector.getName().matches("(ZGC|Shenandoah).*"));
  }

  private void uncaught(Thread thread, Throwable error) {
    endIfOutOfMemory(error);
    System.err.print("Exception in thread \"" + thread.getName() + "\" ");
    error.printStackTrace();
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

  /** Without hooks: there is no memory for goodbyes, or they have had their time. */
  private void end(byte[] why, int status) {
    try {
      errors.write(why);
    } catch (IOException e) {
      // Nobody reads it.
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  private static byte[] line(String text) {
    return ("SEVERE cablestream " + text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Whatever is logged comes by. */
  @Override
  public void publish(LogRecord line) {
    endIfOutOfMemory(line.getThrown());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
