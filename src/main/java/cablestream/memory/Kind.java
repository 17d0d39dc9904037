package cablestream.memory;

/**
 * What can be held; docs/limits.md says of each where it comes from and what happens at its bound.
 */
public enum Kind {
  /** Events in the logs of all sessions. */
  LOG(Part.LOGS, 1),
  /** Messages of the ActionCable server that are unfinished, or wait to be logged. */
  MESSAGE(Part.LOGS, 1),

  /** Sessions, with what each needs from its first moment: its cable's buffers among it. */
  SESSION(Part.PLACES, 1),
  /** Attached streams and polls, with what their container keeps for each. */
  LISTENER(Part.PLACES, 1),
  /** Headers and queries, kept for dialling again. */
  HEADERS(Part.PLACES, 2),
  /** Subscriptions and their identifiers. */
  SUBSCRIPTION(Part.PLACES, 2),
  /** Answers remembered for a repeated idempotency key. */
  REMEMBERED(Part.PLACES, 4),

  /** Bodies of requests that are arriving. */
  BODY(Part.PASSING, 2),
  /** Commands that wait: for a dial, for a confirmation, for the cable. */
  COMMAND(Part.PASSING, 2),
  /** Requests that wait until it is known which node has their session. */
  LOOKUP(Part.PASSING, 4),
  /** Answers and pages that clients haven't taken yet. */
  ANSWER(Part.PASSING, 2),
  /** Events-ids that have ended for good. */
  ENDED(Part.PASSING, 8),
  /** What strangers' trials of their network have in flight. */
  TRIAL(Part.PASSING, 8);

  /** Kinds of one part share its bytes. */
  enum Part {
    LOGS,
    PLACES,
    PASSING
  }

  final Part part;

  /** This kind may have the part's bytes divided by it. */
  final int divisor;

  Kind(Part part, int divisor) {
    this.part = part;
    this.divisor = divisor;
  }
}
