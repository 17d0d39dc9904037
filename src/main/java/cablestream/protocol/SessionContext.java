package cablestream.protocol;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.EventPublisher;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
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
public record SessionContext(
    Environment environment,
    Mailbox mailbox,
    Holder holder,
    EventPublisher events,
    CableSender cable,
    Consumer<Event> breakOff) {

  public Alarm alarm() {
    return new Alarm(environment.timers(), mailbox);
  }

  public long nanoTime() {
    return environment.timers().nanoTime();
  }

  public Limits limits() {
    return environment.limits();
  }

  public Observer observer() {
    return environment.observer();
  }
}
