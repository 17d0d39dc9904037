package cablestream.chaos;

/** What may become of a command that a client posted. */
enum CommandFate implements Verdict.Fate {
  /** Once, however often its POST was repeated. */
  POSTED("sent", false),
  /** Without an error. */
  ANSWERED("answered", false),
  FAILED("answered with an error", false),
  UNKNOWN("unanswered when the session ended", false),
  CARRIED_OUT("carried out", false),
  /** Answered without an error, and never seen by the server, whose cable broke. */
  BROKEN("answered just before the cable broke", false),
  /** Answered without an error, and never seen by the server, whose cable did not break. */
  LOST("**lost**", true),
  DUPLICATED("**carried out twice**", true),
  /** Carried out after a later one. */
  OUT_OF_ORDER("**out of order**", true),
  WRONG("**carried out in spite of an error**", true);

  private final String label;
  private final boolean fault;

  CommandFate(String label, boolean fault) {
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
