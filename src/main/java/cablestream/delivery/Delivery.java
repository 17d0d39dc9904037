package cablestream.delivery;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.log.EventLog;

/** What the listeners of one session share; theirs inside its mailbox. */
record Delivery(
    ListenersOwner owner,
    EventLog log,
    Mailbox mailbox,
    Timers timers,
    Limits limits,
    Observer observer) {}
