package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.log.Event;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A listener that writes an event stream; protocol section 2. */
public final class SseStream implements Listener.Stream {
  public static final String MEDIA_TYPE = "text/event-stream";

  private static final Map<Heartbeat, byte[][]> HEARTBEATS =
      Map.of(
          Heartbeat.COMMENT, new byte[][] {ascii(":"), ascii("\n\n")},
          Heartbeat.PING, new byte[][] {ascii("event: ping\n"), ascii("data: {}\n\n")});

  private final Exchange exchange;
  private final NonBlockingResponse response;

  SseStream(Exchange exchange) {
    this.exchange = exchange;
    this.response = exchange.response();
  }

  /** Sets the headers of all streams, including those of a HEAD. */
  public static void describe(HttpServletResponse head) {
    // Without a charset, as some intermediaries compare it literally.
    head.setContentType(MEDIA_TYPE);
    head.setHeader("Cache-Control", "no-cache, no-transform");
    // nginx would buffer the stream.
    head.setHeader("X-Accel-Buffering", "no");
  }

  @Override
  public void accepted(Listener.Acceptance acceptance, Listener.Attachment attachment) {
    response.head(
        head -> {
          exchange.welcome(acceptance, head);
          describe(head);
        });
    response.attach(attachment);
  }

  @Override
  public void postponed(long retryMillis) {
    exchange.postpone(retry(retryMillis), SseStream::describe);
  }

  @Override
  public void refused(Refusal refusal) {
    exchange.refuse(refusal);
  }

  @Override
  public boolean isReady() {
    return response.isReady();
  }

  @Override
  public void write(Event event) {
    response.write(event.array(), event.start(), event.length());
  }

  private void write(byte[] line) {
    response.write(line, 0, line.length);
  }

  @Override
  public void comeBackAfter(long milliseconds) {
    write(retry(milliseconds));
  }

  @Override
  public void beginHeartbeat(Heartbeat heartbeat) {
    write(HEARTBEATS.get(heartbeat)[0]);
  }

  @Override
  public void endHeartbeat(Heartbeat heartbeat) {
    write(HEARTBEATS.get(heartbeat)[1]);
  }

  private static byte[] retry(long milliseconds) {
    return ascii("retry: " + milliseconds + "\n\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void flush() {
    response.flush();
  }

  @Override
  public void finish() {
    response.finish();
  }

  @Override
  public void abort() {
    response.abort();
  }

  @Override
  public long progress() {
    return response.progress();
  }

  @Override
  public boolean isThrough() {
    return response.isThrough();
  }

  @Override
  public boolean isLost() {
    return exchange.connection().isSilent();
  }

  @Override
  public boolean isClosedByPeer() {
    return exchange.isClosedByPeer();
  }
}
