package cablestream.cable;

import cablestream.concurrent.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Limits the simultaneous dials of all sessions. A server that is starting isn't overloaded: {@link
 * DialLimit} adapts to what it welcomes. A server that doesn't answer is dialled once a second, by
 * one session after the other, and its first answer lets the others follow. While it answers but
 * welcomes no session that lost its cable, these sessions wait: one a second dials, and the first
 * welcome releases the others. Since an answer may concern one caller only, it delays only the
 * session that got it. First dials of new sessions and later dials of sessions that lost their
 * cable take turns, and within each kind the callers' networks do. Any thread; nothing blocks here
 * except for adding to a queue.
 */
final class DialGate {
  private static final long PROBE_NANOS = 1_000_000_000L;

  private final int ceiling;
  private final int maxWaiting;
  private final Timers timers;

  // Guarded by this.
  private final DialLimit limit;
  private final Queue first = new Queue();
  private final Queue again = new Queue();

  /** Dials that wait until the server welcomes one, or until their turn, one a second. */
  private final Queue held = new Queue();

  /** Reserved places, by network. */
  private final Map<String, Integer> taken = new HashMap<>();

  private int allTaken;
  private int takenAgain;

  /** The number of the latest dial that has begun, and its start. */
  private long latest;

  private long begunAt;
  private boolean againIsNext;

  /** Whether the server doesn't answer; a dial is then due a second after the latest. */
  private boolean down;

  private boolean probeIsDue;

  /** The smoothed duration until a welcome. */
  private long typicalNanos;

  /**
   * @param max the largest number of simultaneous dials
   * @param maxWaiting first dials that may wait; later dials wait without a limit
   * @param patience how long a dial waits for its welcome
   */
  DialGate(int max, int maxWaiting, Duration patience, Timers timers) {
    ceiling = max;
    this.maxWaiting = maxWaiting;
    this.timers = timers;
    limit = new DialLimit(max, patience);
  }

  /** A dial's place, or its wait for one. Once the place is released, no method has an effect. */
  final class Turn {
    private final boolean again;
    private final String network;
    private final Runnable go;
    private long number;
    private long since;
    private boolean hasPlace;

    /** Whether it was released to test whether the server welcomes dials. */
    private boolean isProbe;

    /** When the previous dial had begun. */
    private long begunBefore;

    private Turn(boolean again, String network, Runnable go) {
      this.again = again;
      this.network = network;
      this.go = go;
    }

    /** The server welcomed the dial. */
    void welcomed() {
      synchronized (DialGate.this) {
        if (hasPlace) {
          long nanos = timers.nanoTime() - since;
          typicalNanos = typicalNanos == 0 ? nanos : (7 * typicalNanos + nanos) / 8;
          isUp();
          releaseAll();
          limit.welcomed(number, nanos, queued() > 0);
        }
      }
      vacate();
    }

    /** The server, or a proxy in front of it, answered the dial without welcoming this caller. */
    void refused() {
      synchronized (DialGate.this) {
        if (hasPlace) {
          isUp();
        }
      }
      vacate();
    }

    /**
     * The server didn't answer, or not in time.
     *
     * @param isDown whether nothing else shows that it is alive
     * @return whether it probably has too many dials
     */
    boolean failed(boolean isDown) {
      boolean tooMany = false;
      synchronized (DialGate.this) {
        if (hasPlace) {
          down |= isDown;
          tooMany = limit.failed(number, latest);
        }
      }
      vacate();
      return tooMany;
    }

    /**
     * Nothing waits for a dial in progress any more. The server continues with it, so its place
     * stays reserved for the usual time until a welcome.
     */
    void abandon() {
      long left;
      synchronized (DialGate.this) {
        left = since + typicalNanos - timers.nanoTime();
      }
      if (left > 0) {
        timers.after((left + 999_999) / 1_000_000, this::vacate);
      } else {
        vacate();
      }
    }

    /** It has waited long enough, and dials like the others. */
    void release() {
      List<Turn> next;
      synchronized (DialGate.this) {
        if (held.remove(this)) {
          queue(this).add(this);
        }
        next = next();
      }
      go(next);
    }

    /** Nothing was dialled: releases the place, or stops waiting for it. */
    void end() {
      synchronized (DialGate.this) {
        if (!held.remove(this)) {
          queue(this).remove(this);
        }
        if (hasPlace && number == latest) {
          begunAt = begunBefore; // a server that is down hasn't been asked yet
        }
        if (hasPlace && isProbe) {
          releaseProbe();
        }
      }
      vacate();
    }

    /** Releases the place, if it has one. */
    private void vacate() {
      List<Turn> next;
      synchronized (DialGate.this) {
        if (hasPlace) {
          hasPlace = false;
          allTaken--;
          takenAgain -= again ? 1 : 0;
          taken.computeIfPresent(network, (same, places) -> places == 1 ? null : places - 1);
        }
        next = next();
      }
      go(next);
    }
  }

  /**
   * Requests a place.
   *
   * @param again whether the session had been welcomed before
   * @param network of the caller
   * @param go called once there is a place: by any thread, or before this returns. The call may
   *     already be in progress when the turn ends
   * @return null if too many first dials are waiting
   */
  Turn ask(boolean again, String network, Runnable go) {
    Turn turn = new Turn(again, network, go);
    List<Turn> next;
    synchronized (this) {
      if (!again && !accepts()) {
        return null;
      }
      queue(turn).add(turn);
      next = next();
    }
    go(next);
    return turn;
  }

  /**
   * Requests a place for a session that had been welcomed before, and whose latest dial wasn't:
   * once the server welcomes any dial, or when it is this one's turn to try.
   *
   * @param network of the caller
   * @param go as for {@link #ask}
   */
  Turn askOnceWelcoming(String network, Runnable go) {
    Turn turn = new Turn(true, network, go);
    synchronized (this) {
      held.add(turn);
      probeLater();
    }
    return turn;
  }

  /** False while a first dial would be refused. */
  synchronized boolean accepts() {
    return first.size < maxWaiting || queued() == 0 && allTaken < limit.dials() && !isTooSoon();
  }

  /** Forgets how many dials the server accepts at once. */
  synchronized void restart() {
    limit.restart();
  }

  /** The present limit of simultaneous dials. */
  synchronized int limit() {
    return limit.dials();
  }

  /** The number of dials that wait for their turn. */
  synchronized int waiting() {
    return queued() + held.size;
  }

  private static void go(List<Turn> turns) {
    turns.forEach(turn -> turn.go.run());
  }

  private int queued() {
    return first.size + again.size;
  }

  private Queue queue(Turn turn) {
    return turn.again ? again : first;
  }

  /** Releases one of the dials that wait for a welcome; null if there is none. */
  private Turn releaseOne() {
    Turn turn = held.poll(Set.of());
    if (turn != null) {
      queue(turn).add(turn);
    }
    return turn;
  }

  private void releaseProbe() {
    Turn probe = releaseOne();
    if (probe != null) {
      probe.isProbe = true;
    }
  }

  /** The others wait for a server that has just started. */
  private void releaseAll() {
    if (held.size > 0) {
      limit.restart();
      while (releaseOne() != null) {}
    }
  }

  /** Removes and returns all dials that may start now. */
  private List<Turn> next() {
    List<Turn> all = List.of();
    for (Turn next = nextOne(); next != null; next = nextOne()) {
      begin(next);
      all = all.isEmpty() ? new ArrayList<>() : all;
      all.add(next);
    }
    return all;
  }

  /**
   * Removes and returns the next dial. If all places are reserved, for a network without one the
   * places of any single network count only up to half of them; and either kind of dial may have
   * half of them. So dials that the server never welcomes don't block the others.
   */
  private Turn nextOne() {
    if (queued() == 0) {
      return null;
    }
    if (isTooSoon()) {
      probeLater();
      return null;
    }
    int max = limit.dials();
    if (allTaken < max) {
      return poll(Set.of());
    }
    if (allTaken >= ceiling) {
      return null;
    }
    int half = Math.max(1, max / 2);
    if (taken.values().stream().mapToInt(places -> Math.min(places, half)).sum() < max) {
      Turn next = poll(taken.keySet());
      if (next != null) {
        return next;
      }
    }
    if (takenAgain < half) {
      return again.poll(Set.of());
    }
    return allTaken - takenAgain < half ? first.poll(Set.of()) : null;
  }

  /** Alternates between the kinds if there are dials of both. */
  private Turn poll(Set<String> excluded) {
    Turn next = (againIsNext ? again : first).poll(excluded);
    if (next == null) {
      return (againIsNext ? first : again).poll(excluded);
    }
    againIsNext = !againIsNext;
    return next;
  }

  private void begin(Turn turn) {
    turn.hasPlace = true;
    turn.number = ++latest;
    turn.since = timers.nanoTime();
    turn.begunBefore = begunAt;
    begunAt = turn.since;
    allTaken++;
    takenAgain += turn.again ? 1 : 0;
    taken.merge(turn.network, 1, Integer::sum);
  }

  private void isUp() {
    if (down) {
      down = false;
      limit.restart();
    }
  }

  private boolean isTooSoon() {
    return down && timers.nanoTime() - begunAt < PROBE_NANOS;
  }

  /** A second after the latest dial, if that is in the future; otherwise a second from now. */
  private void probeLater() {
    if (!probeIsDue) {
      probeIsDue = true;
      long left = begunAt + PROBE_NANOS - timers.nanoTime();
      timers.after(((left > 0 ? left : PROBE_NANOS) + 999_999) / 1_000_000, this::probe);
    }
  }

  private void probe() {
    List<Turn> next;
    synchronized (this) {
      probeIsDue = false;
      releaseProbe();
      next = next();
      if (held.size > 0) {
        probeLater();
      }
    }
    go(next);
  }

  /** Waiting dials of one kind; the network whose turn it is comes first. */
  private static final class Queue {
    private final Map<String, Set<Turn>> networks = new LinkedHashMap<>();
    private int size;

    void add(Turn turn) {
      networks.computeIfAbsent(turn.network, network -> new LinkedHashSet<>()).add(turn);
      size++;
    }

    /** Whether it was present. */
    boolean remove(Turn turn) {
      Set<Turn> same = networks.get(turn.network);
      if (same == null || !same.remove(turn)) {
        return false;
      }
      size--;
      if (same.isEmpty()) {
        networks.remove(turn.network);
      }
      return true;
    }

    /**
     * Removes and returns the next one.
     *
     * @param others the networks that have to wait; empty for none
     * @return null for none
     */
    Turn poll(Set<String> others) {
      for (Map.Entry<String, Set<Turn>> entry : networks.entrySet()) {
        if (!others.contains(entry.getKey())) {
          Turn next = entry.getValue().iterator().next();
          Set<Turn> rest = networks.remove(next.network);
          rest.remove(next);
          if (!rest.isEmpty()) {
            networks.put(next.network, rest);
          }
          size--;
          return next;
        }
      }
      return null;
    }
  }
}
