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
 * A response that is written without ever blocking, by whichever thread has something to write:
 *
 * <pre>
 *   open ──finish, abort──▶ finishing ──all is written──▶ ended ◀──the container's last word── any
 * </pre>
 *
 * <p>Any thread. Everything that touches the container goes through the gate, and the container's
 * last word is heard under it too: once a callback for an error or the completion has returned, the
 * response may be serving another request, and a byte written then would end up in somebody else's
 * answer. The gate is held over I/O, and may be, since that I/O doesn't block: the container is
 * asked before each write and each flush, and left alone from its "not ready" until it calls.
 */
public final class NonBlockingResponse {
  private static final Logger LOG = LoggerFactory.getLogger(NonBlockingResponse.class);
  private static final byte[] NOTHING = {};

  /** A body that is made as it is written. */
  interface Pieces {
    /** In bytes, of all of it. */
    long length();

    /** The next piece, of at most so many bytes and not to be changed; null at the end. */
    byte[] next(int most);
  }

  private final Responses responses;
  private final AsyncContext async;
  private final HttpServletResponse response;
  private final ServletOutputStream out;
  private final boolean isHead;

  /** Ends the connection; null where nobody can. */
  private final Runnable cut;

  private final Object gate = new Object();

  // All below is written under the gate only.

  /** Until the response has ended, in whatever way; then the container is never touched again. */
  private boolean open = true;

  /** Nothing is added any more. */
  private boolean finishing;

  /** It ended without our having wanted it. */
  private volatile boolean lost;

  /** Its end is declared, which happens once: by us, or by the container. */
  private boolean completed;

  /**
   * What the answer is charged to, until the end is declared: until then the container may go on
   * reading from the body, whatever has become of it. Null for none.
   */
  private Holder held;

  private Listener.Attachment attachment;

  /** Somebody was told "not ready" and waits for the attachment's call. */
  private boolean awaited;

  // What is written, and how far it has got.
  private final WriteBuffer buffer = new WriteBuffer();

  /** What follows that, once and for all; null for nothing. */
  private Pieces rest;

  /** From the container's first onWritePossible on, except while it isn't ready. */
  private boolean writable;

  /** Bytes were taken since the last flush. */
  private boolean unflushed;

  /**
   * What was taken has to go, with a flush after it, as soon as the container lets it. Outside the
   * gate this is true only while the container is to call.
   */
  private boolean flushing;

  /** Some of what was taken last was never written. */
  private boolean dropped;

  private volatile long progress;

  /** Runs while a client has to take what is left of its answer; null before that. */
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
    cut = (Runnable) request.getAttribute(Responses.CUT);
  }

  /** The one that a request has been given, or null. */
  public static NonBlockingResponse of(HttpServletRequest request) {
    return (NonBlockingResponse) request.getAttribute(NonBlockingResponse.class.getName());
  }

  /** Has the container call; only in the servlet's own method. */
  void listen() {
    Callbacks callbacks = new Callbacks();
    async.addListener(callbacks);
    out.setWriteListener(callbacks);
  }

  // ---- what is answered ----

  /** Sets status and headers, before anything is written; not if the response has ended already. */
  public void head(Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(headers);
    }
    if (lost) {
      reportLoss();
    }
  }

  /**
   * Answers once and for all.
   *
   * @param body held for this client alone; where there is no memory for it, the answer is 503
   * @param headers sets status and headers; not called if the response has ended already
   */
  public void answer(byte[] body, Consumer<HttpServletResponse> headers) {
    Holder holder = responses.holder();
    if (responses.take(holder, body.length, true)) {
      answer(body, holder, headers);
    } else {
      answerShared(NOTHING, Responses.withoutRoom(headers));
    }
  }

  /** The same, with a body that somebody holds for it already. */
  public void answer(byte[] body, Holder holder, Consumer<HttpServletResponse> headers) {
    hold(holder);
    answerShared(body, headers);
  }

  /** The same, with a body that is made as it is written, and holds what it is made of. */
  void answer(Pieces body, Holder holder, Consumer<HttpServletResponse> headers) {
    hold(holder);
    synchronized (gate) {
      prepare(
          head -> {
            headers.accept(head);
            head.setContentLengthLong(body.length());
          });
      rest = isHead ? null : body;
      finishUnderGate();
    }
    if (lost) {
      reportLoss();
    }
  }

  private void hold(Holder holder) {
    synchronized (gate) {
      if (completed || held != null) {
        holder.close();
      } else {
        held = holder;
      }
    }
  }

  /** The same, with a body that others have, too, or none: it takes no memory. */
  public void answerShared(byte[] body, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(
          head -> {
            headers.accept(head);
            if (body.length > 0) {
              head.setContentLength(body.length);
            }
          });
      take(body, 0, isHead ? 0 : body.length);
      finishUnderGate();
    }
    if (lost) {
      reportLoss();
    }
  }

  /** Ends what has failed: with an answer, if none has begun, else wherever it is. */
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

  // ---- what is streamed ----

  /** Whom to tell; if the caller has gone already, at once. */
  public void attach(Listener.Attachment newAttachment) {
    synchronized (gate) {
      attachment = newAttachment;
    }
    if (lost) {
      reportLoss();
    }
  }

  /** See {@link Listener.Stream#isReady}. */
  public boolean isReady() {
    boolean ready;
    synchronized (gate) {
      ready = open && !finishing && !flushing && hasRoom();
      awaited = !ready;
    }
    if (lost) {
      reportLoss();
    }
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
    if (lost) {
      reportLoss();
    }
  }

  /** See {@link Listener.Stream#flush}. */
  public void flush() {
    synchronized (gate) {
      if (unflushed) {
        flushing = true;
        advance();
      }
    }
    if (lost) {
      reportLoss();
    }
  }

  /** See {@link Listener.Stream#finish}. A client that takes nothing of what is left is cut off. */
  public void finish() {
    synchronized (gate) {
      finishUnderGate();
      holdLarge();
    }
    if (lost) {
      reportLoss();
    }
  }

  /**
   * See {@link Listener.Stream#abort}. A container that isn't ready is let alone all the same, and
   * completed when it is: Tomcat would keep the connection for further requests and leave its
   * client waiting in the middle of this answer. If the client never reads, the connection is cut
   * where that can be done, and the container ends it in its own time where not.
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
      // Not under the gate: the container tells of it on this thread.
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

  private void prepare(Consumer<HttpServletResponse> headers) {
    try {
      if (open) {
        headers.accept(response);
      }
    } catch (IllegalStateException e) {
      // A Tomcat that is stopping takes responses back without a word.
      shut();
    }
  }

  private void take(byte[] array, int start, int length) {
    if (open) {
      buffer.add(array, start, length);
      unflushed = true;
    }
  }

  /** Whether the container is done with all that it was handed, and may be handed more. */
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
   * Writes and flushes what has to go now, and completes what is finished. True if the response
   * goes on and nothing waits for the container.
   */
  private boolean advance() {
    if (!open) {
      return false;
    }
    try {
      while (buffer.hasPiece(flushing) || rest != null) {
        if (!isContainerReady()) {
          return false;
        }
        if (buffer.isEmpty()) {
          makePiece();
        } else {
          progress += buffer.writeTo(out);
        }
      }
      if (flushing) {
        if (!isContainerReady()) {
          return false;
        }
        out.flush();
        flushing = false;
        unflushed = false;
        // A flush may return before the client's connection has taken all of it. Asked now, the
        // container says so, and calls when it has.
        isContainerReady();
      }
      if (finishing && isContainerReady()) {
        leave();
        complete();
      }
      return !finishing;
    } catch (IOException | RuntimeException e) {
      // Tomcat calls onError next, on its own thread, and Jetty has called it or will.
      shut();
      return false;
    }
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

  /** Ends it as soon as what was taken is written, and watches the client from now on. */
  private void finishUnderGate() {
    flushing |= unflushed;
    finishing = true;
    advance();
    if (open && stall == null) {
      watchForStall();
    }
  }

  /** A large event that isn't written yet is held for this client alone: its log may end now. */
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

  /** Forgets what the container hasn't been handed. */
  private void drop() {
    buffer.drop();
    rest = null;
    dropped |= unflushed || (progress > 0 && !writable);
    flushing = false;
    unflushed = false;
  }

  /** It has ended without our having wanted it. */
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

  /** The only call of {@link AsyncContext#complete}, and no second one. */
  private void complete() {
    if (!completed) {
      ended();
      try {
        async.complete();
      } catch (RuntimeException e) {
        // The container was quicker: it is stopping, or has just found the connection broken.
      }
    }
  }

  /** The end is declared. */
  private void ended() {
    completed = true;
    if (held != null) {
      held.close();
      held = null;
    }
  }

  // ---- not under the gate: the session may run on this thread, or the container ----

  private void reportLoss() {
    Listener.Attachment told;
    synchronized (gate) {
      told = attachment;
      attachment = null;
    }
    if (told != null) {
      told.gone();
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
   * Goes on with what was let go, which the session has forgotten, and only then wakes it: an event
   * of many pieces costs it nothing.
   */
  private void goOn() {
    Listener.Attachment told = null;
    synchronized (gate) {
      writable = true;
      if (advance() && awaited) {
        awaited = false;
        told = attachment;
      }
    }
    if (lost) {
      reportLoss();
    }
    if (told != null) {
      told.writable();
    }
  }

  /** Writing what the container took last has failed; Jetty says so only after it took it. */
  private void writeFailed() {
    synchronized (gate) {
      dropped = true;
      shut();
      complete();
    }
    if (lost) {
      reportLoss();
    }
  }

  /** The container has ended it, or is about to. */
  private void endedByContainer() {
    synchronized (gate) {
      shut();
      ended();
    }
    if (lost) {
      reportLoss();
    }
  }

  /**
   * What the container says; its last word is obeyed before it gets its thread back. Nothing is
   * thrown at it: it would log the request's path, which names the session.
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
      // Nothing starts a second time.
    }

    private void guard(Runnable callback) {
      try {
        callback.run();
      } catch (Throwable fault) {
        Fault.tell(LOG, "event=request_failed", fault);
        abort();
      }
    }
  }
}
