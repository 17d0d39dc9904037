package cablestream.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.NoFaults;
import cablestream.support.RecordedLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class FaultTest {
  private static final Logger LOG = LoggerFactory.getLogger(FaultTest.class);

  @AutoClose private final RecordedLog log = RecordedLog.of(FaultTest.class);

  @Test
  @NoFaults.Expected
  void theKindsAndThePlacesAreLoggedAndNoText() {
    IOException cause = new IOException("GET /an-events-id");
    cause.addSuppressed(new IOException("Cookie: of-somebody"));
    Fault.log(LOG, "event=of_a_test", new IllegalStateException("token=hush", cause));

    LogRecord line = log.records().get(0);
    StringWriter stack = new StringWriter();
    line.getThrown().printStackTrace(new PrintWriter(stack, true));

    assertThat(line.getMessage())
        .isEqualTo("event=of_a_test fault=IllegalStateException by IOException");
    assertThat(stack.toString())
        .startsWith("java.lang.IllegalStateException\n\tat ")
        .contains("Caused by: java.io.IOException\n", getClass().getName())
        .doesNotContain("an-events-id", "hush", "Cookie");
  }

  /** An attacker may be able to provoke it. */
  @Test
  @NoFaults.Expected
  void ofOneFaultThereAreSoManyTracesInAMinute() {
    for (int i = 0; i < 1_000; i++) {
      Fault.log(LOG, "event=often", new IllegalStateException());
    }
    assertThat(log.lines()).hasSize(Fault.MAX_TRACES);
    Fault.log(LOG, "event=another", new IllegalStateException());
    assertThat(log.lines()).hasSize(Fault.MAX_TRACES + 1);
  }

  /** The log line is for those who look for the cause after the process has ended. */
  @Test
  @NoFaults.Expected
  void anOutOfMemoryErrorStaysOne() {
    Fault.log(LOG, "event=of_a_test", new IllegalStateException(new OutOfMemoryError()));
    assertThat(log.records().get(0).getThrown().getCause()).isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void aChainOfCausesThatDoesNotEndIsCut() {
    IOException first = new IOException();
    first.initCause(new IOException(first));
    assertThat(Fault.kind(first)).hasSizeLessThan(200);
  }
}
