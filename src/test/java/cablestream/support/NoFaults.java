package cablestream.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test during which the bridge logged an error: a mailbox logs a task's fault and goes
 * on, so nobody else would notice. Registered for all tests.
 */
public final class NoFaults implements BeforeEachCallback, AfterEachCallback {
  /** A test that provokes an error and expects it in the log. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  public @interface Expected {}

  private final Logger logger = Logger.getLogger("cablestream");
  private final List<LogRecord> faults = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord fault) {
          if (fault.getLevel().intValue() >= Level.SEVERE.intValue()) {
            faults.add(fault);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @Override
  public void beforeEach(ExtensionContext context) {
    faults.clear();
    logger.addHandler(handler);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    logger.removeHandler(handler);
    boolean expected = context.getRequiredTestMethod().isAnnotationPresent(Expected.class);
    if (expected == faults.isEmpty()) {
      if (expected) {
        throw new AssertionError("the bridge logged no error");
      }
      LogRecord first = faults.get(0);
      throw new AssertionError("the bridge logged: " + first.getMessage(), first.getThrown());
    }
  }
}
