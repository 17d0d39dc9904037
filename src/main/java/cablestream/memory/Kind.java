package cablestream.memory;

/**
 * The kinds of reserved memory. docs/limits.md says for each where it comes from and what happens
 * at its limit.
 */
public enum Kind {
  /** Events in the logs of all sessions. */
  LOG(Part.LOGS, 1),
  /** Messages of the Action Cable server that are incomplete or wait to be logged. */
  MESSAGE(Part.LOGS, 1),

  /** Sessions, with what each needs from the start, including its cable's buffers. */
  SESSION(Part.PLACES, 1),
  /** Attached streams and polls, with what the container keeps for each. */
  LISTENER(Part.PLACES, 1),
  /** Headers and queries, kept for reconnecting to the server. */
  HEADERS(Part.PLACES, 2),
  /** Subscriptions and their identifiers. */
  SUBSCRIPTION(Part.PLACES, 2),
  /** Results remembered for repeated idempotency keys. */
  REMEMBERED(Part.PLACES, 4),

  /** Bodies of requests that are being received. */
  BODY(Part.PASSING, 2),
  /** Commands that wait for a dial, a confirmation or the cable. */
  COMMAND(Part.PASSING, 2),
  /** Requests that wait until the node of their session is known. */
  LOOKUP(Part.PASSING, 4),
  /** Responses and pages that clients haven't read yet. */
  ANSWER(Part.PASSING, 2),
  /** Events-ids that have ended permanently. */
  ENDED(Part.PASSING, 8),
  /** Data in flight of visitors who test their network. */
  TRIAL(Part.PASSING, 8);

  /** The kinds of one part share its bytes. */
  enum Part {
    LOGS,
    PLACES,
    PASSING
  }

  final Part part;

  /** This kind may use the part's bytes divided by this number. */
  final int divisor;

  Kind(Part part, int divisor) {
    this.part = part;
    this.divisor = divisor;
  }
}
