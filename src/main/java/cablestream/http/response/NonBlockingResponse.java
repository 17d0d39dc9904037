package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.concurrent.Fault;
import cablestream.concurrent.Timers;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response that is written without blocking, by any thread that has something to write:
 *
 * <pre>
 *   open ──finish, abort──▶ finishing ──all is written──▶ ended ◀──the container's last callback── any
 * </pre>
 *
 * <p>Any thread. Everything that touches the container goes through the gate, including the
 * container's last callback: once a callback for an error or the completion has returned, the
 * container may reuse the response for another request, and a byte written then would appear in
 * another client's response. The gate is held during I/O, which doesn't block: the container is
 * asked before each write and each flush, and not used between its "not ready" and its callback.
 */
public final class NonBlockingResponse {
  private static final Logger LOG = LoggerFactory.getLogger(NonBlockingResponse.class);

  /** An empty body. */
  public static final byte[] NOTHING = {};

  /** A body that is made while it is written. */
  interface Pieces {
    /** The total length in bytes. */
    long length();

    /** The next piece, of at most {@code max} bytes, which must not be changed; null at the end. */
    byte[] next(int max);
  }

  private final Responses responses;
  private final AsyncContext async;
  private final HttpServletResponse response;
  private final ServletOutputStream out;
  private final boolean isHead;

  /** Closes the connection; null in a servlet container. */
  private final Runnable cut;

  private final Object gate = new Object();

  // All fields below are written under the gate only.

  /** Until the response has ended for any reason; the container is never used afterwards. */
  private boolean open = true;

  /** Whether nothing can be added any more. */
  private boolean finishing;

  /** Whether it ended prematurely. */
  private volatile boolean lost;

  /** Whether its end is declared, which happens once: by this class or by the container. */
  private boolean completed;

  /**
   * The reservation for the answer, until the end is declared: the container may read from the body
   * until then. Null for none.
   */
  private Holder held;

  private Listener.Attachment attachment;

  /** Whether a caller got "not ready" and waits for the attachment's call. */
  private boolean awaited;

  // What is written, and the progress.
  private final WriteBuffer buffer = new WriteBuffer();

  /** The last part, after the buffer; null for none. */
  private Pieces rest;

  /** From the container's first onWritePossible on, except while it isn't ready. */
  private boolean writable;

  /** Whether bytes were written since the last flush. */
  private boolean unflushed;

  /**
   * Whether the buffer must be written and flushed as soon as the container is ready. Outside the
   * gate this is true only while a callback of the container will follow.
   */
  private boolean flushing;

  /** Whether some of the buffered data was never written. */
  private boolean dropped;

  private volatile long progress;

  /** Limits the time in which a client must read the rest of its response; null before that. */
  private Timers.Timer stall;

  private long progressAtStall;

  NonBlockingResponse(
      AsyncContext async,
      HttpServletRequest request,
      HttpServletResponse response,
      Responses responses)
      throws IOException {
    this.async = async;
    this.response = response;
    this.responses = responses;
    out = response.getOutputStream();
    isHead = request.getMethod().equals("HEAD");
    cut = responses.server() == null ? null : responses.server().cut(request);
  }

  /** The response that was made for the request, or null. */
  public static NonBlockingResponse of(HttpServletRequest request) {
    return (NonBlockingResponse) request.getAttribute(NonBlockingResponse.class.getName());
  }

  /** Registers for the container's callbacks; only in the servlet's own method. */
  void listen() {
    Callbacks callbacks = new Callbacks();
    async.addListener(callbacks);
    out.setWriteListener(callbacks);
  }

  // ---- complete answers ----

  /**
   * Sets status and headers, before any write; without effect if the response has ended already.
   */
  public void head(Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(headers, 0);
    }
    reportLoss();
  }

  /**
   * Answers with a complete body.
   *
   * @param body charged for this client alone; if there is no memory, the answer is 503
   * @param headers sets status and headers; not called if the response has ended already
   */
  public void answer(byte[] body, Consumer<HttpServletResponse> headers) {
    if (!answerIfRoom(body, headers)) {
      answerShared(Responses.NO_ROOM, Responses.withoutRoom(headers));
    }
  }

  /** The same, but if there is no memory, it isn't answered yet, and this is false. */
  boolean answerIfRoom(byte[] body, Consumer<HttpServletResponse> headers) {
    Holder holder = responses.holder();
    boolean room = responses.reserve(holder, body.length, true);
    if (room) {
      answer(body, holder, headers);
    }
    return room;
  }

  /** The same, with a body that has a reservation already. */
  public void answer(byte[] body, Holder holder, Consumer<HttpServletResponse> headers) {
    answer(body, null, holder, headers);
  }

  /** The same, with a body that is made while it is written, and a reservation for its sources. */
  void answer(Pieces body, Holder holder, Consumer<HttpServletResponse> headers) {
    answer(NOTHING, body, holder, headers);
  }

  /** The same, with a body that responses share, or none: it needs no reservation. */
  public void answerShared(byte[] body, Consumer<HttpServletResponse> headers) {
    answer(body, null, null, headers);
  }

  /**
   * @param pieces the body, if not null
   * @param holder null for none
   */
  private void answer(
      byte[] body, Pieces pieces, Holder holder, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      if (holder != null) {
        hold(holder);
      }
      prepare(headers, pieces == null ? body.length : pieces.length());
      take(body, 0, isHead ? 0 : body.length);
      rest = isHead ? null : pieces;
      finishUnderGate();
    }
    reportLoss();
  }

  /** Ends a failed response: with an answer if none has begun, otherwise immediately. */
  public void fail(byte[] body, Consumer<HttpServletResponse> headers) {
    boolean isUntouched;
    synchronized (gate) {
      if (!open || finishing) {
        return;
      }
      isUntouched = progress == 0 && !unflushed && buffer.isEmpty();
    }
    if (isUntouched) {
      answer(body, headers);
    } else {
      abort();
    }
  }

  // ---- streams ----

  /**
   * Sets the receiver of callbacks; if the client has disconnected already, it is called at once.
   */
  public void attach(Listener.Attachment newAttachment) {
    synchronized (gate) {
      attachment = newAttachment;
    }
    reportLoss();
  }

  /** See {@link Listener.Stream#isReady}. */
  public boolean isReady() {
    boolean ready;
    synchronized (gate) {
      ready = open && !finishing && !flushing && hasRoom();
      awaited = !ready;
    }
    reportLoss();
    return ready;
  }

  /** See {@link Listener.Stream#write}. */
  public void write(byte[] array, int start, int length) {
    synchronized (gate) {
      take(array, start, length);
      if (buffer.isFull()) {
        advance();
      }
    }
    reportLoss();
  }

  /** See {@link Listener.Stream#flush}. */
  public void flush() {
    synchronized (gate) {
      if (unflushed) {
        flushing = true;
        advance();
      }
    }
    reportLoss();
  }

  /** See {@link Listener.Stream#finish}. A client that doesn't read the rest is disconnected. */
  public void finish() {
    synchronized (gate) {
      finishUnderGate();
      holdLarge();
    }
    reportLoss();
  }

  /**
   * See {@link Listener.Stream#abort}. If the container isn't ready, the response is completed once
   * it is: Tomcat would otherwise keep the connection for further requests, and its client waiting
   * in the middle of this response. If the client never reads, the connection is closed if the
   * container supports that; otherwise the container's own timeout ends it.
   */
  public void abort() {
    boolean waits;
    synchronized (gate) {
      attachment = null;
      drop();
      finishing = true;
      advance();
      waits = open;
    }
    if (waits && cut != null) {
      // Not under the gate: the container reports it on this thread.
      cut.run();
    }
  }

  /** See {@link Listener.Stream#progress}. */
  long progress() {
    return progress;
  }

  /** See {@link Listener.Stream#isThrough}. */
  boolean isThrough() {
    synchronized (gate) {
      return !unflushed && !dropped && (writable || !open);
    }
  }

  // ---- under the gate ----

  private void hold(Holder holder) {
    if (completed || held != null) {
      holder.close();
    } else {
      held = holder;
    }
  }

  /**
   * @param length of the body; 0 for none, or if it isn't known
   */
  private void prepare(Consumer<HttpServletResponse> headers, long length) {
    try {
      if (open) {
        headers.accept(response);
        if (length > 0) {
          response.setContentLengthLong(length);
        }
      }
    } catch (IllegalStateException e) {
      // A Tomcat that is stopping recycles responses without a callback.
      shut();
    }
  }

  private void take(byte[] array, int start, int length) {
    if (open) {
      buffer.add(array, start, length);
      unflushed = true;
    }
  }

  /** Whether the container has finished all writes, and accepts more. */
  private boolean isContainerReady() {
    writable = writable && out.isReady();
    if (writable) {
      buffer.written();
    }
    return writable;
  }

  private boolean hasRoom() {
    try {
      return buffer.hasRoom() || isContainerReady();
    } catch (RuntimeException e) {
      shut();
      return false;
    }
  }

  /**
   * Writes and flushes what is due, and completes what is finished. True if the response continues
   * and the container is ready for more.
   */
  private boolean advance() {
    try {
      while (open && isContainerReady()) {
        if (flushing ? !buffer.isEmpty() : buffer.isFull()) {
          progress += buffer.writeTo(out);
        } else if (rest != null) {
          makePiece();
        } else if (flushing) {
          // It may return before the connection has accepted all of it. When asked next, the
          // container says so, and calls back when it has.
          out.flush();
          flushing = false;
          unflushed = false;
        } else if (finishing) {
          leave();
          complete();
        } else {
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Tomcat calls onError next, on its own thread, and Jetty has called it or will.
      shut();
    }
    return false;
  }

  private void makePiece() {
    byte[] piece = rest.next(WriteBuffer.PIECE);
    if (piece == null) {
      rest = null;
    } else {
      take(piece, 0, piece.length);
      flushing = true;
    }
  }

  /** Ends it as soon as the buffer is written, and limits the client's time from now on. */
  private void finishUnderGate() {
    flushing |= unflushed;
    finishing = true;
    advance();
    if (open && stall == null) {
      watchForStall();
    }
  }

  /** Charges a large unwritten event to this client alone, since its log may end now. */
  private void holdLarge() {
    if (open && held == null && buffer.largeBytes() > 0) {
      held = responses.holder();
      held.force(Kind.ANSWER, Weights.ofBytes(buffer.largeBytes()));
    }
  }

  private void watchForStall() {
    progressAtStall = progress;
    stall = responses.afterStall(this::abortIfStalled);
  }

  /** Discards what the container hasn't received. */
  private void drop() {
    buffer.drop();
    rest = null;
    dropped |= unflushed || (progress > 0 && !writable);
    flushing = false;
    unflushed = false;
  }

  /** It has ended prematurely. */
  private void shut() {
    if (open) {
      leave();
      lost = true;
    }
  }

  private void leave() {
    open = false;
    drop();
    if (stall != null) {
      stall.cancel();
    }
  }

  /** The only call of {@link AsyncContext#complete}. */
  private void complete() {
    if (!completed) {
      ended();
      try {
        async.complete();
      } catch (RuntimeException e) {
        // The container has ended it first: it is stopping, or the connection has failed.
      }
    }
  }

  private void ended() {
    completed = true;
    if (held != null) {
      held.close();
      held = null;
    }
  }

  // ---- outside the gate: the session or the container may run on this thread ----

  private void reportLoss() {
    if (!lost) {
      return;
    }
    Listener.Attachment notified;
    synchronized (gate) {
      notified = attachment;
      attachment = null;
    }
    if (notified != null) {
      notified.gone();
    }
  }

  private void abortIfStalled() {
    boolean stalled;
    synchronized (gate) {
      stalled = open && progress == progressAtStall;
      if (open && !stalled) {
        watchForStall();
      }
    }
    if (stalled) {
      abort();
    }
  }

  /**
   * Continues with what was flushed, which the session has released already, and wakes the session
   * only then: the session isn't called for each piece of an event.
   */
  private void goOn() {
    Listener.Attachment notified = null;
    synchronized (gate) {
      writable = true;
      if (advance() && awaited) {
        awaited = false;
        notified = attachment;
      }
    }
    reportLoss();
    if (notified != null) {
      notified.writable();
    }
  }

  /** The container's last write has failed; Jetty reports that only after accepting it. */
  private void writeFailed() {
    synchronized (gate) {
      dropped = true;
      shut();
      complete();
    }
    reportLoss();
  }

  /** The container has ended it, or will. */
  private void endedByContainer() {
    synchronized (gate) {
      shut();
      ended();
    }
    reportLoss();
  }

  /**
   * The container's callbacks; the last one takes effect before it returns. Nothing is thrown at
   * the container: it would log the request's path, which names the session.
   */
  private final class Callbacks implements WriteListener, AsyncListener {
    @Override
    public void onWritePossible() {
      guard(NonBlockingResponse.this::goOn);
    }

    @Override
    public void onError(Throwable failure) {
      guard(NonBlockingResponse.this::writeFailed);
    }

    @Override
    public void onError(AsyncEvent event) {
      guard(NonBlockingResponse.this::endedByContainer);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      guard(NonBlockingResponse.this::endedByContainer);
    }

    @Override
    public void onComplete(AsyncEvent event) {
      guard(NonBlockingResponse.this::endedByContainer);
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // The request is never started again.
    }

    private void guard(Runnable callback) {
      try {
        callback.run();
      } catch (Throwable fault) {
        Fault.log(LOG, "event=request_failed", fault);
        abort();
      }
    }
  }
}
