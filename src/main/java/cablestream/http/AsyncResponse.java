package cablestream.http;

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
final class AsyncResponse {
  private static final byte[] NOTHING = {};

  private final HttpServletResponse response;
  private final ResponseOutput output;
  private final Completion completion;
  private final StallWatch watch;
  private final Responses responses;
  private final boolean isHead;

  /** Ends the connection; null where nobody can. */
  private final Runnable cut;

  private final Object gate = new Object();

  // All below is written under the gate only.
  private Listener.Attachment attachment;

  /** Until the response has ended, in whatever way; from then on nothing is touched. */
  private boolean open = true;

  private boolean finishing;

  /** Somebody was told "not ready" and waits for the attachment's call. */
  private boolean awaited;

  /** It ended without our having wanted it; read without the gate. */
  private volatile boolean lost;

  AsyncResponse(
      AsyncContext async,
      HttpServletRequest request,
      HttpServletResponse response,
      Responses responses)
      throws IOException {
    this.response = response;
    this.responses = responses;
    this.output = new ResponseOutput(response.getOutputStream());
    this.completion = new Completion(async);
    this.watch = new StallWatch(responses, this::abortIfStalled);
    this.isHead = request.getMethod().equals("HEAD");
    this.cut = (Runnable) request.getAttribute(Responses.CUT);
  }

  /** The one that a request has been given, or null. */
  static AsyncResponse of(HttpServletRequest request) {
    return (AsyncResponse) request.getAttribute(AsyncResponse.class.getName());
  }

  /** Sets status and headers, before anything is written; not if the response has ended already. */
  void head(Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(headers);
    }
    tellIfLost();
  }

  /**
   * Answers once and for all.
   *
   * @param body held for this client alone; where there is no memory for it, the answer is 503
   * @param headers sets status and headers; not called if the response has ended already
   */
  void answer(byte[] body, Consumer<HttpServletResponse> headers) {
    Holder holder = responses.holder();
    if (responses.take(holder, body.length)) {
      answer(body, holder, headers);
    } else {
      answerShared(NOTHING, Responses.withoutRoom(headers));
    }
  }

  /** The same, with a body that somebody holds for it already. */
  void answer(byte[] body, Holder holder, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      completion.hold(holder);
    }
    answerShared(body, headers);
  }

  /** The same, with a body that others have, too, or none: it takes no memory. */
  void answerShared(byte[] body, Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(
          head -> {
            headers.accept(head);
            if (body.length > 0) {
              head.setContentLength(body.length);
            }
          });
      if (open) {
        output.take(isHead ? NOTHING : body, 0, isHead ? 0 : body.length);
      }
    }
    finish();
  }

  /** Whom to tell; if the caller has gone already, at once. */
  void attach(Listener.Attachment newAttachment) {
    synchronized (gate) {
      attachment = newAttachment;
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#isReady}. */
  boolean isReady() {
    boolean ready;
    synchronized (gate) {
      ready = advance() && hasRoom();
      awaited = !ready;
    }
    tellIfLost();
    return ready;
  }

  /** See {@link Listener.Stream#write}. */
  void write(byte[] array, int start, int length) {
    synchronized (gate) {
      if (open) {
        output.take(array, start, length);
        advance();
      }
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#flush}. */
  void flush() {
    synchronized (gate) {
      output.letGo();
      advance();
    }
    tellIfLost();
  }

  /** See {@link Listener.Stream#finish}. A client that takes nothing of what is left is cut off. */
  void finish() {
    synchronized (gate) {
      output.letGo();
      finishing = true;
      advance();
      if (open) {
        watch.begin(output.progress());
      }
    }
    tellIfLost();
  }

  /**
   * See {@link Listener.Stream#abort}. A container that isn't ready is let alone all the same, and
   * completed when it is: Tomcat would keep the connection for further requests and leave its
   * client waiting in the middle of this answer. If the client never reads, the connection is cut
   * where that can be done, and the container ends it in its own time where not.
   */
  void abort() {
    boolean waits;
    synchronized (gate) {
      attachment = null;
      output.drop();
      finishing = true;
      advance();
      waits = open;
    }
    if (waits && cut != null) {
      // Not under the gate: the container tells of it on this thread.
      cut.run();
    }
  }

  /** Ends what has failed: with an answer, if none has begun, else wherever it is. */
  void fail(byte[] body, Consumer<HttpServletResponse> headers) {
    boolean isUntouched;
    synchronized (gate) {
      if (!open || finishing) {
        return;
      }
      isUntouched = output.isUntouched();
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
      stalled = open && watch.isStalled(output.progress());
    }
    if (stalled) {
      abort();
    }
  }

  /** See {@link Listener.Stream#progress}. */
  long progress() {
    return output.progress();
  }

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

  /**
   * Writes what has to go now. True if the response goes on and nothing waits for the container.
   */
  private boolean advance() {
    if (!open) {
      return false;
    }
    try {
      if (!output.advance()) {
        return false;
      }
      if (finishing && output.isContainerReady()) {
        complete();
      }
      return !finishing;
    } catch (IOException | RuntimeException e) {
      // Tomcat calls onError next, on its own thread, and Jetty has called it or will.
      shut();
      return false;
    }
  }

  private boolean hasRoom() {
    try {
      return output.hasRoom();
    } catch (RuntimeException e) {
      shut();
      return false;
    }
  }

  /** It has ended without our having wanted it. */
  private void shut() {
    if (open) {
      leave();
      lost = true;
    }
  }

  private void complete() {
    leave();
    completion.declare();
  }

  /** Nothing is touched from here on. */
  private void leave() {
    open = false;
    output.drop();
    watch.end();
  }

  /** Not under the gate: the session may run on this thread. */
  private void tellIfLost() {
    if (lost) {
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
      output.onWritePossible();
      if (advance() && awaited) {
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
      shut();
      completion.declare();
    }
    tellIfLost();
  }

  /** The container has ended it, or is about to. */
  void onEnd() {
    synchronized (gate) {
      shut();
      completion.happened();
    }
    tellIfLost();
  }
}
