package cablestream.chaos;

/** What can go wrong with a connection. */
enum FaultKind {
  /** Both ends are reset. */
  RESET("reset"),
  /** Both ends are reset between the bytes of one UTF-8 character. */
  CUT_IN_CHARACTER("cut within a UTF-8 character"),
  /** The receiver sees the end; the sender writes on for a while to one who doesn't read. */
  HALF_CLOSED("half-closed towards the receiver"),
  /** The sender sees the end of the requests; the receiver still reads for a while. */
  HALF_CLOSED_BACK("half-closed towards the sender"),
  /** Nothing is passed on for a while, and then all of it. */
  STALLED("stalled, then goes on"),
  /** Nothing is passed on for a while, either way, and then both ends are reset. */
  SILENT("silent, then reset"),
  /** The request is passed on, the answer isn't: both ends are reset. */
  ANSWER_LOST("answer lost"),
  /** Both ends are reset in the middle of the request. */
  REQUEST_LOST("request lost"),

  // What the server does.
  RESTARTED("server: disconnect server_restart"),
  SENT_AWAY("server: disconnect remote, reconnect"),
  SENT_AWAY_FOR_GOOD("server: disconnect remote, don't reconnect"),
  UNAUTHORIZED("server: unauthorized on coming back"),
  CLOSED("server: close frame"),
  HUNG_UP("server: connection closed without a frame"),
  MUTE("server: silent until it is given up"),
  UNWELCOME("server: no welcome"),
  REFUSED("server: upgrade refused"),

  // What the client and the operator do.
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
