package cablestream.chaos;

/** The faults of a connection. */
enum FaultKind {
  /** Both ends are reset. */
  RESET("reset"),
  /** Both ends are reset between the bytes of one UTF-8 character. */
  CUT_IN_CHARACTER("cut within a UTF-8 character"),
  /**
   * The receiver sees the end; the sender continues for a while to write to a peer that doesn't
   * read.
   */
  HALF_CLOSED("half-closed towards the receiver"),
  /** The sender sees the end of the requests; the receiver continues to read for a while. */
  HALF_CLOSED_BACK("half-closed towards the sender"),
  /** Nothing is passed on for a while, and then everything. */
  STALLED("stalled, then goes on"),
  /** Nothing is passed on for a while, in either direction, and then both ends are reset. */
  SILENT("silent, then reset"),
  /** The request is passed on and the response isn't: both ends are reset. */
  ANSWER_LOST("answer lost"),
  /** Both ends are reset in the middle of the request. */
  REQUEST_LOST("request lost"),

  // Faults of the server.
  RESTARTED("server: disconnect server_restart"),
  SENT_AWAY("server: disconnect remote, reconnect"),
  SENT_AWAY_FOR_GOOD("server: disconnect remote, don't reconnect"),
  UNAUTHORIZED("server: unauthorized on coming back"),
  CLOSED("server: close frame"),
  HUNG_UP("server: connection closed without a frame"),
  MUTE("server: silent until it is given up"),
  UNWELCOME("server: no welcome"),
  REFUSED("server: upgrade refused"),

  // Actions of the client and the operator.
  TAKEN_OVER("taken over while it is written to"),
  DRAINED("redeployed after a drain"),
  REDEPLOYED("redeployed without a drain");

  private final String title;

  FaultKind(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }
}
