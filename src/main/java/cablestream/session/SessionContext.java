package cablestream.session;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.log.Event;
import cablestream.memory.Holder;
import java.util.function.Consumer;

/**
 * What the parts of one session share; theirs inside its mailbox.
 *
 * @param holder what is held for the session
 * @param breakOff ends the session with this as its last event, as the other side would miss
 *     something that it can't be spared
 */
record SessionContext(
    Environment environment,
    Mailbox mailbox,
    Holder holder,
    EventPublisher events,
    CableSender cable,
    Consumer<Event> breakOff) {

  Alarm alarm() {
    return new Alarm(environment.timers(), mailbox);
  }

  long nanoTime() {
    return environment.timers().nanoTime();
  }

  Limits limits() {
    return environment.limits();
  }

  Observer observer() {
    return environment.observer();
  }
}
