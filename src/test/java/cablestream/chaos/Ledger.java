package cablestream.chaos;

/** The records of one session. */
record Ledger(EventLedger events, CommandLedger commands) {
  static Ledger of(int session, Transport transport) {
    return of(new EventLedger(session, transport, false));
  }

  /** The records of a session that may move to another node, and back. */
  static Ledger ofMoving(int session, Transport transport) {
    return of(new EventLedger(session, transport, true));
  }

  private static Ledger of(EventLedger events) {
    return new Ledger(events, new CommandLedger(events.session, events.transport, events.trace()));
  }

  int session() {
    return events.session;
  }

  Transport transport() {
    return events.transport;
  }

  Trace trace() {
    return events.trace();
  }
}
