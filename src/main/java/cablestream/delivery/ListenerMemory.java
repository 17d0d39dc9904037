package cablestream.delivery;

import cablestream.environment.SessionWeights;
import cablestream.memory.Holder;
import cablestream.memory.Kind;

/** The memory that a session's listeners take, charged before they do. Inside the mailbox only. */
final class ListenerMemory {
  private final Holder holder;

  /** Of each in the heap. */
  private final long weight;

  /** While the session may be listened to again. */
  private boolean keepsSpare = true;

  /** Whether what one listener is charged is held, though nobody listens. */
  private boolean hasSpare = true;

  ListenerMemory(Holder holder, int responseBytes) {
    this.holder = holder;
    weight = SessionWeights.ATTACHED + responseBytes;
  }

  /** Whether there is memory for one more, which is then to be attached. */
  boolean reserve() {
    if (hasSpare) {
      hasSpare = false;
      return true;
    }
    return holder.take(Kind.LISTENER, weight);
  }

  /**
   * One has gone. The memory of the last one stays the session's, so that who comes back finds
   * room, after a poll say, whatever strangers have taken meanwhile.
   */
  void giveBack(boolean wasLast) {
    if (keepsSpare && !hasSpare && wasLast) {
      hasSpare = true;
    } else {
      holder.giveBack(Kind.LISTENER, weight);
    }
  }

  /** The session has ended: nobody new is attached but for its last event. */
  void keepNoSpare() {
    keepsSpare = false;
    if (hasSpare) {
      hasSpare = false;
      holder.giveBack(Kind.LISTENER, weight);
    }
  }
}
