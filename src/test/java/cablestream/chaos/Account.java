package cablestream.chaos;

/** All that is known of one session. */
record Account(EventLedger events, CommandLedger commands) {
  static Account of(int session, Transport transport) {
    EventLedger events = new EventLedger(session, transport);
    return new Account(events, new CommandLedger(session, transport, events.trace()));
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
