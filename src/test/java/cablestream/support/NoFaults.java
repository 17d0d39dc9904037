package cablestream.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test during which the bridge logged an error: a mailbox logs a task's exception and
 * continues, so it would otherwise go unnoticed. Registered for all tests.
 */
public final class NoFaults implements BeforeEachCallback, AfterEachCallback {
  /** Marks a test that provokes an error and expects it in the log. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  public @interface Expected {}

  private RecordedLog log;

  @Override
  public void beforeEach(ExtensionContext context) {
    log = RecordedLog.below("cablestream");
    log.setLevel(Level.SEVERE);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    log.close();
    List<LogRecord> faults = log.records();
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
