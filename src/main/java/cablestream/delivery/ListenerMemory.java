package cablestream.delivery;

import cablestream.environment.SessionWeights;
import cablestream.memory.Holder;
import cablestream.memory.Kind;

/**
 * The memory of a session's listeners, reserved before they are attached. Inside the mailbox only.
 */
final class ListenerMemory {
  private final Holder holder;

  /** Bytes of one listener in the heap. */
  private final long weight;

  /** While the session may get further listeners. */
  private boolean keepsSpare = true;

  /** Whether one listener's memory stays reserved while there is none. */
  private boolean hasSpare = true;

  ListenerMemory(Holder holder, int responseBytes) {
    this.holder = holder;
    weight = SessionWeights.ATTACHED + responseBytes;
  }

  /** Reserves memory for one more listener, which must then be attached. */
  boolean reserve() {
    if (hasSpare) {
      hasSpare = false;
      return true;
    }
    return holder.reserve(Kind.LISTENER, weight);
  }

  /**
   * Releases a listener's memory. That of the last one stays reserved for the session, so that a
   * listener that reconnects, for example with the next poll, finds room whatever strangers have
   * reserved meanwhile.
   */
  void release(boolean wasLast) {
    if (keepsSpare && !hasSpare && wasLast) {
      hasSpare = true;
    } else {
      holder.release(Kind.LISTENER, weight);
    }
  }

  /** The session has ended: further listeners receive only its last event. */
  void keepNoSpare() {
    keepsSpare = false;
    if (hasSpare) {
      hasSpare = false;
      holder.release(Kind.LISTENER, weight);
    }
  }
}
