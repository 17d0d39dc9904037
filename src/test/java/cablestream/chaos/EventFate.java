package cablestream.chaos;

/** What may become of a message that the server gave to a socket. */
enum EventFate implements Verdict.Fate {
  SENT("sent by the server", false),
  /** Seen by the client; each counted once. */
  DELIVERED("delivered", false),
  /** The client was told {@code disconnected}. */
  LOST_WITH_CABLE("lost with a broken cable, announced", false),
  /** The client was told {@code resumed: false} or {@code closed}. */
  LOST_WITH_SESSION("lost with an ended session, announced", false),
  /** With the client away for too long, and it was told {@code gap}. */
  LOST_IN_GAP("lost in a gap, announced", false),
  LOST_UNANNOUNCED("**lost, unannounced**", true),
  DUPLICATED("**duplicated**", true),
  OUT_OF_ORDER("**out of order**", true),
  /** Altered, or events around it contradict each other. */
  WRONG("**altered or contradictory**", true),
  /** A {@code gap} event. */
  GAP("gaps announced", false);

  /** Lost, and the client was told. */
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
