package cablestream.session;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.log.Event;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A stream that records what is written to it; the test sets whether it is ready. */
final class RecordingStream implements Listener.Stream {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  Listener.Acceptance acceptance;
  Attachment attachment;
  Refusal refusal;
  boolean hungUp;
  String postponed;
  boolean ready = true;
  boolean finished;
  boolean aborted;
  boolean lost;

  /** From now on writes are accepted but never reach the client. */
  boolean breaksOff;

  /** From now on accepted writes wait, a large event until {@link #becomesReady}. */
  boolean isSlow;

  private boolean dropped;
  int flushes;

  /** Heartbeats that have begun. */
  int heartbeats;

  private boolean unflushed;

  @Override
  public void refused(Refusal why) {
    assert acceptance == null && refusal == null;
    refusal = why;
  }

  @Override
  public void postponed(long retryMillis) {
    assert acceptance == null && refusal == null;
    postponed = "retry: " + retryMillis + "\n\n";
  }

  @Override
  public void accepted(Acceptance given, Attachment attached) {
    assert acceptance == null && refusal == null;
    acceptance = given;
    attachment = attached;
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void write(Event event) {
    take(event.array(), event.start(), event.length());
    ready = !isSlow || event.length() <= Event.COPIED;
  }

  private void take(byte[] array, int start, int length) {
    if (!ready || finished || aborted) {
      throw new IllegalStateException("written to while not ready, or after the end");
    }
    taken.write(array, start, length);
    dropped |= breaksOff;
    unflushed = true;
  }

  @Override
  public void comeBackAfter(long milliseconds) {
    write("retry: " + milliseconds + "\n\n");
  }

  @Override
  public void beginHeartbeat(Listener.Heartbeat heartbeat) {
    heartbeats++;
    write(heartbeat == Listener.Heartbeat.PING ? "event: ping\n" : ":");
  }

  @Override
  public void endHeartbeat(Listener.Heartbeat heartbeat) {
    write(heartbeat == Listener.Heartbeat.PING ? "data: {}\n\n" : "\n\n");
  }

  private void write(String text) {
    byte[] line = text.getBytes(StandardCharsets.US_ASCII);
    take(line, 0, line.length);
  }

  @Override
  public void flush() {
    flushes++;
    unflushed = false;
  }

  @Override
  public void finish() {
    assert !finished && !aborted && !unflushed;
    finished = true;
  }

  @Override
  public void abort() {
    aborted = true;
  }

  @Override
  public long progress() {
    return taken.size();
  }

  @Override
  public boolean isThrough() {
    return !unflushed && !dropped && (ready || !isSlow);
  }

  @Override
  public boolean isClosedByPeer() {
    return hungUp;
  }

  @Override
  public boolean isLost() {
    return lost;
  }

  void becomesReady() {
    ready = true;
    attachment.writable();
  }

  void leaves() {
    attachment.gone();
  }

  String text() {
    return taken.toString(StandardCharsets.UTF_8);
  }

  /** The events that an EventSource would dispatch, in order. */
  List<SseEvent> events() {
    List<SseEvent> events = new ArrayList<>();
    for (String block : text().split("\n\n")) {
      SseEvent event = SseEvent.parse(block);
      if (event != null) {
        events.add(event);
      }
    }
    return events;
  }

  /** The events in short form: see {@link SseEvent#brief}. */
  List<String> briefly() {
    return events().stream().map(SseEvent::brief).toList();
  }

  String lastId() {
    List<SseEvent> events = events();
    return events.get(events.size() - 1).id();
  }
}
