package cablestream.cable;

/**
 * The states of a {@link CableConnection}.
 *
 * <pre>
 *            open             upgraded                    welcome
 *   IDLE ──────────▶ CONNECTING ────▶ AWAITING_WELCOME ────────────▶ OPEN
 *                    ▲   │   │               │                       ▲ │
 *                    │   │   └───────────────│─ a tunnel, upgraded ──┘ │ lost, stale,
 *   time to dial     │   │ failed            │ failed                  │ asked to retry
 *                    │   ▼                   ▼                         │
 *                    └─ BACKING_OFF ◀────────┴─────────────────────────┘
 *
 *   from any ──▶ CLOSED: close(), a first dial that failed, a server that refuses the caller,
 *                the end of a tunnel
 * </pre>
 *
 * CONNECTING includes the wait for its turn among all dials. Only a cable that has been OPEN can be
 * BACKING_OFF.
 */
enum CableState {
  IDLE,
  CONNECTING,
  AWAITING_WELCOME,
  OPEN,
  BACKING_OFF,
  CLOSED;

  boolean mayBecome(CableState next) {
    return switch (next) {
      case IDLE -> false;
      case CONNECTING -> this == IDLE || this == BACKING_OFF;
      case AWAITING_WELCOME -> this == CONNECTING;
      case OPEN -> this == CONNECTING || this == AWAITING_WELCOME;
      case BACKING_OFF -> this == CONNECTING || this == AWAITING_WELCOME || this == OPEN;
      case CLOSED -> this != CLOSED;
    };
  }
}
