package cablestream.http.response;

import cablestream.memory.Holder;
import jakarta.servlet.AsyncContext;

/**
 * The end of a response, which is declared once: by us, or by the container. Until then the
 * container may go on reading from the body, whatever has become of it.
 *
 * <p>Guarded by the gate of its {@link AsyncResponse}.
 */
final class Completion {
  private final AsyncContext async;
  private boolean done;

  /** What holds the answer; null for none. */
  private Holder held;

  Completion(AsyncContext async) {
    this.async = async;
  }

  /** Somebody holds the answer until the end. */
  void hold(Holder holder) {
    if (done || held != null) {
      holder.close();
    } else {
      held = holder;
    }
  }

  /** The only call of {@link AsyncContext#complete}, and no second one. */
  void declare() {
    if (!done) {
      happened();
      try {
        async.complete();
      } catch (RuntimeException e) {
        // The container was quicker: it is stopping, or has just found the connection broken.
      }
    }
  }

  /** The container has declared it, or is about to. */
  void happened() {
    done = true;
    if (held != null) {
      held.close();
      held = null;
    }
  }
}
