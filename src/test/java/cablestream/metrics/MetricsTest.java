package cablestream.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.CableEnding;
import cablestream.environment.Observer.Ending;
import cablestream.environment.Observer.OpenedBy;
import cablestream.environment.Observer.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {
  private final Exposition exposition = new Exposition();
  private final Metrics metrics = new Metrics(exposition);

  @Test
  void whatIsHeardComesOutInPrometheusTextFormat() throws IOException {
    metrics.opened(ClientTransport.FETCH);
    metrics.fellBack(Fallback.SILENT);
    metrics.ended(Ending.LINGER);
    metrics.attached(Transport.STREAM);
    metrics.attached(Transport.POLL);
    metrics.left(Transport.POLL);
    metrics.logged(100);
    metrics.logged(50);
    metrics.written(Transport.STREAM, 2);
    metrics.commanded(Command.Kind.SEND, true);
    metrics.gap(3L);
    metrics.gap(null);
    metrics.stalled();
    metrics.refused(403);

    assertThat(lines())
        .contains(
            "cablestream_sessions_opened_total{transport=\"fetch\"} 1.0",
            "cablestream_sessions_opened_total{transport=\"poll\"} 0.0",
            "cablestream_fallbacks_total{reason=\"silent\"} 1.0",
            "cablestream_fallbacks_total{reason=\"refused\"} 0.0",
            "cablestream_sessions_ended_total{reason=\"linger\"} 1.0",
            "cablestream_listeners{transport=\"stream\"} 1.0",
            "cablestream_listeners{transport=\"poll\"} 0.0",
            "cablestream_listeners_attached_total{transport=\"poll\"} 1.0",
            "cablestream_events_logged_total 2.0",
            "cablestream_events_logged_bytes_total 150.0",
            "cablestream_events_written_total{transport=\"stream\"} 2.0",
            "cablestream_commands_total{kind=\"send\",outcome=\"failed\"} 1.0",
            "cablestream_commands_total{kind=\"send\",outcome=\"done\"} 0.0",
            "cablestream_gaps_total 2.0",
            "cablestream_events_dropped_total 3.0",
            "cablestream_listeners_stalled_total 1.0",
            "cablestream_requests_refused_total{status=\"403\"} 1.0");
  }

  @Test
  void timesAreHistogramsInSeconds() throws IOException {
    metrics.delivered(Transport.STREAM, 2_000_000);
    metrics.waited(Transport.POLL, 700_000_000);
    metrics.dialled(OpenedBy.STREAM, null, false, 30_000_000);
    metrics.dialled(OpenedBy.TUNNEL, null, false, 5_000_000);
    metrics.dialled(OpenedBy.POLL, CableEnding.Kind.NO_WELCOME, true, 10_000_000_000L);

    assertThat(lines())
        .contains(
            "cablestream_delivery_duration_seconds_bucket{transport=\"stream\",le=\"0.001\"} 0",
            "cablestream_delivery_duration_seconds_bucket{transport=\"stream\",le=\"0.0025\"} 1",
            "cablestream_delivery_duration_seconds_sum{transport=\"stream\"} 0.002",
            "cablestream_event_wait_seconds_bucket{transport=\"poll\",le=\"0.5\"} 0",
            "cablestream_event_wait_seconds_bucket{transport=\"poll\",le=\"1.0\"} 1",
            "cablestream_dial_duration_seconds_count{attempt=\"first\",outcome=\"welcomed\",transport=\"stream\"}"
                + " 1",
            "cablestream_dial_duration_seconds_sum{attempt=\"first\",outcome=\"welcomed\",transport=\"tunnel\"}"
                + " 0.005",
            "cablestream_dial_duration_seconds_sum{attempt=\"again\",outcome=\"no_welcome\",transport=\"poll\"}"
                + " 10.0");
  }

  @Test
  void aServerThatMakesUpReasonsMakesNoNewSeries() throws IOException {
    metrics.cableLost("server_restart");
    for (int i = 0; i < 1_000; i++) {
      metrics.cableLost("made up " + i + "\"}\n");
    }

    List<String> lost =
        lines().stream().filter(line -> line.startsWith("cablestream_cables_lost_total{")).toList();
    assertThat(lost)
        .hasSizeLessThan(10)
        .contains(
            "cablestream_cables_lost_total{reason=\"other\"} 1000.0",
            "cablestream_cables_lost_total{reason=\"server_restart\"} 1.0");
  }

  @ParameterizedTest
  @EnumSource
  void everyEndingIsThereBeforeItHappens(Ending ending) throws IOException {
    assertThat(lines())
        .contains(
            "cablestream_sessions_ended_total{reason=\"" + ending.name().toLowerCase() + "\"} 0.0");
  }

  @Test
  void theStatusPageGetsTheSameNamesAndValues() {
    metrics.attached(Transport.STREAM);
    metrics.opened(ClientTransport.POLL);

    assertThat(exposition.values())
        .containsEntry("cablestream_listeners{transport=stream}", 1.0)
        .containsEntry("cablestream_sessions_opened_total{transport=poll}", 1.0);
  }

  @Test
  void countingAnEventAllocatesNothing() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    countEvents(20_000);
    long before = threads.getThreadAllocatedBytes(thread);

    countEvents(20_000);

    assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(20_000);
  }

  private void countEvents(int number) {
    for (int i = 0; i < number; i++) {
      metrics.logged(200);
      metrics.written(Transport.STREAM, 1);
    }
  }

  private List<String> lines() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    exposition.write(out);
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
