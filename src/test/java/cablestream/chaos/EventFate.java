package cablestream.chaos;

/** The possible outcomes of a message that the server wrote to a socket. */
enum EventFate implements Verdict.Fate {
  SENT("sent by the server", false),
  /** Received by the client; each counted once. */
  DELIVERED("delivered", false),
  /** The client received {@code disconnected}. */
  LOST_WITH_CABLE("lost with a broken cable, announced", false),
  /** The client received {@code resumed: false} or {@code closed}. */
  LOST_WITH_SESSION("lost with an ended session, announced", false),
  /** The client was away for too long, and received {@code gap}. */
  LOST_IN_GAP("lost in a gap, announced", false),
  LOST_UNANNOUNCED("**lost, unannounced**", true),
  DUPLICATED("**duplicated**", true),
  OUT_OF_ORDER("**out of order**", true),
  /** Altered, or contradictory to the events around it. */
  WRONG("**altered or contradictory**", true),
  /** A {@code gap} event. */
  GAP("gaps announced", false);

  /** Lost, and announced to the client. */
  static final EventFate[] ANNOUNCED = {LOST_WITH_CABLE, LOST_WITH_SESSION, LOST_IN_GAP};

  private final String label;
  private final boolean fault;

  EventFate(String label, boolean fault) {
    this.label = label;
    this.fault = fault;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public boolean isFault() {
    return fault;
  }
}
