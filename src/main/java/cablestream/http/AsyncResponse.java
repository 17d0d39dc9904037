package cablestream.http;

import cablestream.session.Listener;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A response that is written without ever blocking, by whichever thread has something to write.
 *
 * <p>Any thread. Everything that touches the container goes through the gate, and the container's
 * last word is heard under it too: once a callback for an error or the completion has returned, the
 * response may be serving another request, and a byte written then would end up in somebody else's
 * answer. The gate is held over I/O, and may be, since that I/O doesn't block.
 */
final class AsyncResponse {
  /**
   * What the container may hold back of a response. Jetty keeps a buffer of this size for as long
   * as a stream lives, and cuts larger writes at it; its pool knows no size below 4 KiB, so less
   * would save nothing and cost system calls. Tomcat's buffers never shrink.
   */
  private static final int CONTAINER_BUFFER = 4 * 1024;

  private static final byte[] NOTHING = {};

  private final AsyncContext async;
  private final HttpServletResponse response;
  private final ResponseOutput output;

  private final Object gate = new Object();

  // All below is written under the gate only.
  private Listener.Attachment attachment;

  /** Until the response has ended, in whatever way; from then on nothing is touched. */
  private boolean open = true;

  private boolean finishing;

  /** Somebody was told "not ready" and waits for the attachment's call. */
  private boolean awaited;

  /** Ours to complete no longer: done, or the container does it. */
  private boolean completed;

  /** It ended without our having wanted it; read without the gate. */
  private volatile boolean lost;

  private AsyncResponse(AsyncContext async, HttpServletResponse response) throws IOException {
    this.async = async;
    this.response = response;
    this.output = new ResponseOutput(response.getOutputStream());
  }

  /**
   * Takes a response over from the container. Only in the servlet's own method, and before anybody
   * else may hear of the request: in Tomcat a listener set on another thread blocks that thread
   * until the servlet has returned.
   */
  static AsyncResponse start(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setBufferSize(CONTAINER_BUFFER);
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    AsyncResponse started = new AsyncResponse(async, response);
    Callbacks callbacks = started.new Callbacks();
    async.addListener(callbacks);
    response.getOutputStream().setWriteListener(callbacks);
    return started;
  }

  /** Sets status and headers, before anything is written; not if the response has ended already. */
  void head(Consumer<HttpServletResponse> headers) {
    synchronized (gate) {
      prepare(
          head -> {
            headers.accept(head);
            return NOTHING;
          });
    }
    tellIfLost();
  }

  /**
   * Answers once and for all.
   *
   * @param preparation sets status and headers and returns the body, which nobody will change; not
   *     called if the response has ended already
   */
  void answer(Function<HttpServletResponse, byte[]> preparation) {
    synchronized (gate) {
      byte[] body = prepare(preparation);
      if (open) {
        output.take(body, 0, body.length);
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

  /** See {@link Listener.Stream#finish}. */
  void finish() {
    synchronized (gate) {
      output.letGo();
      finishing = true;
      advance();
    }
    tellIfLost();
  }

  /**
   * See {@link Listener.Stream#abort}. A container that isn't ready is let alone all the same, and
   * completed when it is: Tomcat would keep the connection for further requests and leave its
   * client waiting in the middle of this answer. If the client never reads, the container ends it.
   */
  void abort() {
    synchronized (gate) {
      attachment = null;
      output.drop();
      finishing = true;
      advance();
    }
  }

  /** See {@link Listener.Stream#progress}. */
  long progress() {
    return output.progress();
  }

  private byte[] prepare(Function<HttpServletResponse, byte[]> preparation) {
    try {
      return open ? preparation.apply(response) : NOTHING;
    } catch (IllegalStateException e) {
      // A Tomcat that is stopping takes responses back without a word.
      shut();
      return NOTHING;
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

  /** Nothing is touched from here on. */
  private void shut() {
    if (open) {
      open = false;
      output.drop();
      lost = true;
    }
  }

  private void complete() {
    shut();
    lost = false;
    release();
  }

  /** The only call of {@link AsyncContext#complete}, and no second one. */
  private void release() {
    if (!completed) {
      completed = true;
      try {
        ContainerCall.complete(async);
      } catch (RuntimeException e) {
        // The container was quicker: it is stopping, or has just found the connection broken.
      }
    }
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

  /** What the container says; its last word is obeyed before it gets its thread back. */
  private final class Callbacks implements WriteListener, AsyncListener {
    /**
     * Goes on with what was let go, which the session has forgotten, and only then wakes it: an
     * event of many pieces costs it nothing.
     */
    @Override
    public void onWritePossible() {
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

    @Override
    public void onError(Throwable failure) {
      synchronized (gate) {
        shut();
        release();
      }
      tellIfLost();
    }

    @Override
    public void onError(AsyncEvent event) {
      ended();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      ended();
    }

    @Override
    public void onComplete(AsyncEvent event) {
      ended();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // Nothing starts a second time.
    }

    private void ended() {
      synchronized (gate) {
        shut();
        completed = true;
      }
      tellIfLost();
    }
  }
}
