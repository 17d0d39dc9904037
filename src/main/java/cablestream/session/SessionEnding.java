package cablestream.session;

import cablestream.cable.CableEnding;

/**
 * Why a session ends, and what whoever is concerned is told of it.
 *
 * @param kind as it is counted
 * @param ofWaiting what those get who wait for the dial
 * @param closeCode what the cable is closed with, where it isn't closed already
 * @param closeReason the same
 */
record SessionEnding(Observer.Ending kind, Refusal ofWaiting, int closeCode, String closeReason) {
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;
  private static final Refusal ENDED = new Refusal(410, "this session was ended");

  static final SessionEnding CLIENT =
      new SessionEnding(Observer.Ending.CLIENT, ENDED, NORMAL, "the client ended the session");
  static final SessionEnding LINGER =
      new SessionEnding(Observer.Ending.LINGER, ENDED, NORMAL, "nobody listens");
  static final SessionEnding OPERATOR =
      new SessionEnding(Observer.Ending.OPERATOR, ENDED, NORMAL, "an operator ended the session");
  static final SessionEnding CABLE =
      new SessionEnding(Observer.Ending.CABLE, ENDED, NORMAL, "the session has ended");
  static final SessionEnding BROKEN =
      new SessionEnding(Observer.Ending.BROKEN, ENDED, NORMAL, "the session has ended");

  static SessionEnding drain(Refusal ofWaiting) {
    return new SessionEnding(
        Observer.Ending.DRAIN, ofWaiting, GOING_AWAY, "the bridge is draining");
  }

  static SessionEnding stop(Refusal ofWaiting) {
    return new SessionEnding(Observer.Ending.STOP, ofWaiting, GOING_AWAY, "the bridge is stopping");
  }

  static SessionEnding dialFailed(CableEnding ending) {
    int retryAfter = ending.kind() == CableEnding.Kind.BUSY ? 1 : 0;
    return new SessionEnding(
        Observer.Ending.DIAL_FAILED,
        new Refusal(ending.kind().status(), ending.error(), retryAfter),
        NORMAL,
        "the dial failed");
  }

  /** Whether the events-id can't be used again for a while. */
  boolean isForGood() {
    return kind == Observer.Ending.CABLE || kind == Observer.Ending.BROKEN;
  }
}
