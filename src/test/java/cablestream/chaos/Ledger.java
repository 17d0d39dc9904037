package cablestream.chaos;

/** All that is known of one session. */
record Ledger(EventLedger events, CommandLedger commands) {
  static Ledger of(int session, Transport transport) {
    EventLedger events = new EventLedger(session, transport);
    return new Ledger(events, new CommandLedger(session, transport, events.trace()));
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
