package cablestream.session;

/**
 * The states of a {@link Session}.
 *
 * <pre>
 * NEW ──opened──▶ OPENING ──welcome──▶ LIVE ──the server ends it────────▶ ENDED ──all left──▶ GONE
 *  │ │               │                  ▲ │││                                                  ▲
 *  │ └─ a tunnel ────│──────────────────┘ ││└── drain ──▶ LEAVING ──in a moment───────────────┤
 *  │                 │                    │└── DELETE, linger over, evicted ───────────────────┤
 *  │                 └──────── the dial failed, all callers gone, DELETE, drain ───────────────┤
 *  └─────────────────────── the bridge stops ──────────────────────────────────────────────────┘
 * </pre>
 *
 * OPENING, LIVE and LEAVING have a cable, and a place in the table. LEAVING has announced its end
 * to all listeners, and still carries out commands sent before they received it. ENDED has ended
 * permanently, and is kept for clients that haven't received the last event. A request that reaches
 * a session in GONE returns to the table.
 */
enum SessionState {
  NEW,
  /** Dialling; requests wait. */
  OPENING,
  LIVE,
  LEAVING,
  ENDED,
  GONE;

  /** The next state, if the transition is valid. */
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
