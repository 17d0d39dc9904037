package cablestream.http.response;

import cablestream.memory.Holder;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * The container's response and how far it has got, from open to finishing to ended: nothing of the
 * container's is touched after its end, whichever side declared it.
 *
 * <p>Guarded by the gate of its {@link AsyncResponse}, but for what says otherwise.
 */
final class ContainerResponse {
  private final HttpServletResponse response;
  private final ResponseOutput output;
  private final Completion completion;
  private final StallWatch watch;

  /** Until the response has ended, in whatever way. */
  private boolean open = true;

  /** Nothing is added any more. */
  private boolean finishing;

  /** It ended without our having wanted it. */
  private volatile boolean lost;

  ContainerResponse(HttpServletResponse response, Completion completion, StallWatch watch)
      throws IOException {
    this.response = response;
    this.output = new ResponseOutput(response.getOutputStream());
    this.completion = completion;
    this.watch = watch;
  }

  boolean isOpen() {
    return open;
  }

  /** Whether more may be written. */
  boolean goesOn() {
    return open && !finishing;
  }

  /** Whether it ended without our having wanted it. Any thread, without the gate. */
  boolean isLost() {
    return lost;
  }

  /** Whether nothing of an answer has begun. */
  boolean isUntouched() {
    return output.isUntouched();
  }

  /** Bytes that the container has taken. Any thread, without the gate. */
  long progress() {
    return output.progress();
  }

  /** Whether all that was taken has been written and flushed. */
  boolean isThrough() {
    return output.isThrough();
  }

  /** Somebody holds what is written until the end. */
  void hold(Holder holder) {
    completion.hold(holder);
  }

  /** Sets status and headers, if it is still open. */
  void prepare(Consumer<HttpServletResponse> headers) {
    try {
      if (open) {
        headers.accept(response);
      }
    } catch (IllegalStateException e) {
      // A Tomcat that is stopping takes responses back without a word.
      shut();
    }
  }

  void take(byte[] array, int start, int length) {
    if (open) {
      output.take(array, start, length);
    }
  }

  void letGo() {
    output.letGo();
  }

  /** Forgets what was taken and isn't written yet. */
  void drop() {
    output.drop();
  }

  /**
   * Writes what has to go now. True if the response goes on and nothing waits for the container.
   */
  boolean advance() {
    if (!open) {
      return false;
    }
    try {
      if (!output.advance()) {
        return false;
      }
      if (finishing && output.isContainerReady()) {
        leave();
        completion.declare();
      }
      return !finishing;
    } catch (IOException | RuntimeException e) {
      // Tomcat calls onError next, on its own thread, and Jetty has called it or will.
      shut();
      return false;
    }
  }

  boolean hasRoom() {
    try {
      return output.hasRoom();
    } catch (RuntimeException e) {
      shut();
      return false;
    }
  }

  /** Ends it as soon as what was taken is written. */
  void finish() {
    finishing = true;
    advance();
  }

  /** From now on a client that takes nothing is {@linkplain #isStalled stalled}. */
  void watch() {
    if (open) {
      watch.begin(output.progress());
    }
  }

  boolean isStalled() {
    return open && watch.isStalled(output.progress());
  }

  void onWritePossible() {
    output.onWritePossible();
  }

  /** The container says so, of what it took last; Jetty does so only after that. */
  void writeFailed() {
    output.writeFailed();
  }

  /** It has ended without our having wanted it. */
  void shut() {
    if (open) {
      leave();
      lost = true;
    }
  }

  /** Tells the container that it is over, unless it knows. */
  void declareEnd() {
    completion.declare();
  }

  /** The container has ended it, or is about to. */
  void ended() {
    completion.happened();
  }

  private void leave() {
    open = false;
    output.drop();
    watch.end();
  }
}
