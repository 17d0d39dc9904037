package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.concurrent.Mailbox;
import cablestream.log.RawEvent;
import cablestream.memory.Account;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uses a stream as a session does: writes what waits while the stream is ready, flushes, and
 * continues when it is writable again. The test supplies the events.
 */
public final class StreamPlayer implements Listener.Attachment {
  public static final Listener.Acceptance ACCEPTANCE =
      new Listener.Acceptance(
          "session1", "3e3ff9aa", "http://page.example", Account.ofHeap().holder());

  final AtomicInteger gone = new AtomicInteger();
  final AtomicInteger writable = new AtomicInteger();

  private final Listener.Stream stream;
  private final Mailbox mailbox;

  // Accessed in the mailbox only.
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private boolean finishing;
  private volatile boolean blocked;

  StreamPlayer(Listener.Stream stream, Executor pool) {
    this.stream = stream;
    this.mailbox = new Mailbox(pool);
  }

  StreamPlayer accept() {
    mailbox.post(() -> stream.accepted(ACCEPTANCE, this));
    return this;
  }

  StreamPlayer send(String text) {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** All in one turn, so with one flush if the stream accepts them. */
  StreamPlayer send(byte[]... events) {
    mailbox.post(
        () -> {
          for (byte[] event : events) {
            waiting.add(event);
          }
          pump();
        });
    return this;
  }

  /** Ends the stream after all earlier events. */
  StreamPlayer finish() {
    mailbox.post(
        () -> {
          finishing = true;
          pump();
        });
    return this;
  }

  StreamPlayer abort() {
    mailbox.post(stream::abort);
    return this;
  }

  StreamPlayer refuse(cablestream.browser.Refusal refusal) {
    mailbox.post(() -> stream.refused(refusal));
    return this;
  }

  /** Whether the stream has reported that it isn't ready. */
  boolean isBlocked() {
    return blocked;
  }

  long progress() {
    return stream.progress();
  }

  @Override
  public void writable() {
    writable.incrementAndGet();
    mailbox.run(this::pump);
  }

  @Override
  public void gone() {
    gone.incrementAndGet();
  }

  private void pump() {
    while (!waiting.isEmpty() && stream.isReady()) {
      stream.write(RawEvent.of(waiting.remove()));
    }
    stream.flush();
    blocked = !waiting.isEmpty();
    if (finishing && waiting.isEmpty()) {
      finishing = false;
      stream.finish();
    }
  }
}
