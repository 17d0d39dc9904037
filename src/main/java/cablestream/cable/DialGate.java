package cablestream.cable;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Lets only so many dials happen at once, over all sessions, so that a server which comes back
 * isn't run over. New sessions go first, since a browser waits for them. Any thread; nothing waits
 * here but entries in a queue.
 */
final class DialGate {
  private final int places;
  private final int maxWaiting;

  // Guarded by this. Somebody waits only while all places are taken.
  private int taken;
  private final Set<Turn> first = new LinkedHashSet<>();
  private final Set<Turn> again = new LinkedHashSet<>();

  /**
   * @param places dials at once
   * @param maxWaiting first dials that may wait; later ones wait without bound
   */
  DialGate(int places, int maxWaiting) {
    this.places = places;
    this.maxWaiting = maxWaiting;
  }

  /** A dial's place, or its wait for one. */
  final class Turn {
    private final Runnable go;
    private boolean hasPlace;

    private Turn(Runnable go) {
      this.go = go;
    }

    /** Gives the place back, or stops waiting for it. Without effect the second time. */
    void end() {
      leave(this);
    }
  }

  /**
   * Asks for a place.
   *
   * @param again whether the session had been welcomed before
   * @param go called once there is a place: by whoever gave it back, or before this returns. A call
   *     may already be on its way when the turn ends
   * @return null if too many first dials are waiting
   */
  Turn ask(boolean again, Runnable go) {
    Turn turn = new Turn(go);
    boolean free;
    synchronized (this) {
      free = taken < places;
      if (free) {
        taken++;
        turn.hasPlace = true;
      } else if (again) {
        this.again.add(turn);
      } else if (first.size() < maxWaiting) {
        first.add(turn);
      } else {
        return null;
      }
    }
    if (free) {
      go.run();
    }
    return turn;
  }

  /** False while a first dial would be turned away. */
  synchronized boolean accepts() {
    return taken < places || first.size() < maxWaiting;
  }

  private void leave(Turn turn) {
    Turn next;
    synchronized (this) {
      if (!turn.hasPlace) {
        first.remove(turn);
        again.remove(turn);
        return;
      }
      turn.hasPlace = false;
      next = next();
      if (next == null) {
        taken--;
      } else {
        next.hasPlace = true;
      }
    }
    if (next != null) {
      next.go.run();
    }
  }

  private Turn next() {
    Iterator<Turn> queue = (first.isEmpty() ? again : first).iterator();
    if (!queue.hasNext()) {
      return null;
    }
    Turn next = queue.next();
    queue.remove();
    return next;
  }
}
