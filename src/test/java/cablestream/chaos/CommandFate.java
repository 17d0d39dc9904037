package cablestream.chaos;

/** The possible outcomes of a command that a client posted. */
enum CommandFate implements Verdict.Fate {
  /** Counted once, however often its POST was repeated. */
  POSTED("sent", false),
  /** The response had no error for it. */
  ANSWERED("answered", false),
  FAILED("answered with an error", false),
  UNKNOWN("unanswered when the session ended", false),
  CARRIED_OUT("carried out", false),
  /** The response had no error, but the command never reached the server, and its cable broke. */
  BROKEN("answered just before the cable broke", false),
  /**
   * The response had no error, but the command never reached the server, although its cable didn't
   * break.
   */
  LOST("**lost**", true),
  DUPLICATED("**carried out twice**", true),
  /** Executed after a later one. */
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
