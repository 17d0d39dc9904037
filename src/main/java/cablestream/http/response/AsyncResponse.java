package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.memory.Holder;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A response that is written without ever blocking, by whichever thread has something to write.
 *
 * <p>Any thread. Everything that touches the container goes through the gate, and the container's
 * last word is heard under it too: once a callback for an error or the completion has returned, the
 * response may be serving another request, and a byte written then would end up in somebody else's
 * answer. The gate is held over I/O, and may be, since that I/O doesn't block.
 */
public final class AsyncResponse {
  private static final byte[] NOTHING = {};

  private final ContainerResponse container;
  private final Responses responses;
  private final boolean isHead;

  /** Ends the connection; null where nobody can. */
  private final Runnable cut;

  private final Object gate = new Object();

  // All below is written under the gate only.
  private Listener.Attachment attachment;

  /** Somebody was told "not ready" and waits for the attachment's call. */
  private boolean awaited;

  AsyncResponse(
      AsyncContext async,
      HttpServletRequest request,
      HttpServletResponse response,
      Responses responses)
      throws IOException {
    this.responses = responses;
    this.container =
        new ContainerResponse(
            response, new Completion(async), new StallWatch(responses, this::abortIfStalled));
    this.isHead = request.getMethod().equals("HEAD");
    this.cut = (Runnable) request.getAttribute(Responses.CUT);
  }

  /** The one that a request has been given, or null. */
  public static AsyncResponse of(HttpServletRequest request) {
    return (AsyncResponse) request.getAttribute(AsyncResponse.class.getName());
  }

  /** Sets status and headers, before anything is written; not if the response has ended already. */
  public void head(Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      container.prepare(headers);
    }
    tellIfLost();
  }

  /**
   * Answers once and for all.
   *
   * @param body held for this client alone; where there is no memory for it, the answer is 503
   * @param headers sets status and headers; not called if the response has ended already
   */
  public void answer(byte[] body, Consumer<HttpServletResponse> headers) {
    Holder holder = responses.holder();
    if (responses.take(holder, body.length)) {
      answer(body, holder, headers);
    } else {
      answerShared(NOTHING, Responses.withoutRoom(headers));
    }
  }

  /** The same, with a body that somebody holds for it already. */
  public void answer(byte[] body, Holder holder, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      container.hold(holder);
    }
    answerShared(body, headers);
  }

  /** The same, with a body that others have, too, or none: it takes no memory. */
  public void answerShared(byte[] body, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      container.prepare(
          head -> {
            headers.accept(head);
            if (body.length > 0) {
              head.setContentLength(body.length);
            }
          });
      container.take(isHead ? NOTHING : body, 0, isHead ? 0 : body.length);
    }
    finish();
  }

  /** Whom to tell; if the caller has gone already, at once. */
  public void attach(Listener.Attachment newAttachment) {
    synchronized (gate) {
      attachment = newAttachment;
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#isReady}. */
  public boolean isReady() {
    boolean ready;
    synchronized (gate) {
      ready = container.advance() && container.hasRoom();
      awaited = !ready;
    }
    tellIfLost();
    return ready;
  }

  /** See {@link Listener.Stream#write}. */
  public void write(byte[] array, int start, int length) {
    synchronized (gate) {
      container.take(array, start, length);
      container.advance();
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#flush}. */
  public void flush() {
    synchronized (gate) {
      container.letGo();
      container.advance();
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#finish}. A client that takes nothing of what is left is cut off. */
  public void finish() {
    synchronized (gate) {
      container.letGo();
      container.finish();
      container.watch();
    }
    tellIfLost();
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
      container.drop();
      container.finish();
      waits = container.isOpen();
    }
    if (waits && cut != null) {
      // Not under the gate: the container tells of it on this thread.
      cut.run();
    }
  }

  /** Ends what has failed: with an answer, if none has begun, else wherever it is. */
  public void fail(byte[] body, Consumer<HttpServletResponse> headers) {
    boolean isUntouched;
    synchronized (gate) {
      if (!container.goesOn()) {
        return;
      }
      isUntouched = container.isUntouched();
    }
    if (isUntouched) {
      answer(body, headers);
    } else {
      abort();
    }
  }

  private void abortIfStalled() {
    boolean stalled;
    synchronized (gate) {
      stalled = container.isStalled();
    }
    if (stalled) {
      abort();
    }
  }

  /** See {@link Listener.Stream#progress}. */
  long progress() {
    return container.progress();
  }

  /** See {@link Listener.Stream#isThrough}. */
  boolean isThrough() {
    synchronized (gate) {
      return container.isThrough();
    }
  }

  /** Not under the gate: the session may run on this thread. */
  private void tellIfLost() {
    if (container.isLost()) {
      Listener.Attachment told;
      synchronized (gate) {
        told = attachment;
        attachment = null;
      }
      if (told != null) {
        told.gone();
      }
    }
  }

  /**
   * Goes on with what was let go, which the session has forgotten, and only then wakes it: an event
   * of many pieces costs it nothing.
   */
  void onWritePossible() {
    Listener.Attachment told = null;
    synchronized (gate) {
      container.onWritePossible();
      if (container.advance() && awaited) {
        awaited = false;
        told = attachment;
      }
    }
    tellIfLost();
    if (told != null) {
      told.writable();
    }
  }

  /** Writing has failed. */
  void onError() {
    synchronized (gate) {
      container.writeFailed();
      container.shut();
      container.declareEnd();
    }
    tellIfLost();
  }

  /** The container has ended it, or is about to. */
  void onEnd() {
    synchronized (gate) {
      container.shut();
      container.ended();
    }
    tellIfLost();
  }
}
