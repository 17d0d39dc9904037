package cablestream.session;

/**
 * The states of a {@link Session}.
 *
 * <pre>
 * NEW ──opened──▶ OPENING ──welcome──▶ LIVE ──the server wants no more──▶ ENDED ──all told──▶ GONE
 *  │ │               │                  ▲ │││                                                  ▲
 *  │ └─ a tunnel ────│──────────────────┘ ││└── drain ──▶ LEAVING ──in a moment───────────────┤
 *  │                 │                    │└── DELETE, linger over, evicted ───────────────────┤
 *  │                 └──────── the dial failed, DELETE, drain ─────────────────────────────────┤
 *  └─────────────────────── the bridge stops ──────────────────────────────────────────────────┘
 * </pre>
 *
 * OPENING, LIVE and LEAVING have a cable, and a place in the table. LEAVING has told everybody that
 * it ends, and still carries out what was sent by who hadn't heard it. ENDED is over for good, and
 * kept for those who haven't heard the end. Whoever still comes to one that is GONE is sent back to
 * the table.
 */
enum SessionState {
  NEW,
  /** Dialling; whoever comes waits. */
  OPENING,
  LIVE,
  LEAVING,
  ENDED,
  GONE;

  /** The next state, if it may follow. */
  SessionState become(SessionState next) {
    boolean may =
        switch (next) {
          case NEW -> false;
          case OPENING -> this == NEW;
          case LIVE -> this == NEW || this == OPENING;
          case LEAVING, ENDED -> this == LIVE;
          case GONE -> this != GONE;
        };
    if (!may) {
      throw new IllegalStateException("from " + this + " to " + next);
    }
    return next;
  }

  /** Whether it has a cable, or is dialling one. */
  boolean hasCable() {
    return this == OPENING || this == LIVE || this == LEAVING;
  }
}
