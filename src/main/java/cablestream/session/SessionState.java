package cablestream.session;

/**
 * The states of a {@link Session}.
 *
 * <pre>
 * NEW ──opened──▶ OPENING ──welcome──▶ LIVE ──the server wants no more──▶ ENDED ──all told──▶ GONE
 *  │ │               │                  ▲ │                                                    ▲
 *  │ └─ a tunnel ────│──────────────────┘ └── DELETE, linger over, drain ──────────────────────┤
 *  │                 └──────── the dial failed, DELETE, drain ─────────────────────────────────┤
 *  └─────────────────────── the bridge stops ──────────────────────────────────────────────────┘
 * </pre>
 *
 * OPENING and LIVE have a cable, and a place in the table. ENDED is over for good, and kept for
 * those who haven't heard the end. Whoever still comes to one that is GONE is sent back to the
 * table.
 */
enum SessionState {
  NEW,
  /** Dialling; whoever comes waits. */
  OPENING,
  LIVE,
  ENDED,
  GONE;

  /** The next state, if it may follow. */
  SessionState become(SessionState next) {
    boolean may =
        switch (next) {
          case NEW -> false;
          case OPENING -> this == NEW;
          case LIVE -> this == NEW || this == OPENING;
          case ENDED -> this == LIVE;
          case GONE -> this != GONE;
        };
    if (!may) {
      throw new IllegalStateException("from " + this + " to " + next);
    }
    return next;
  }

  /** Whether it has a cable, or is dialling one. */
  boolean hasCable() {
    return this == OPENING || this == LIVE;
  }
}
