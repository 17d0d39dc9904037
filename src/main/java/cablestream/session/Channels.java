package cablestream.session;

import cablestream.cable.CableEnding;
import cablestream.log.Event;
import cablestream.log.Identifier;
import cablestream.log.JsonText;
import cablestream.memory.Kind;
import cablestream.session.PendingBatch.Slot;
import cablestream.session.Subscription.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The classic API: subscriptions and commands towards the cable, events towards the listeners;
 * protocol sections 2 and 3. A {@code message} that overtakes its subscription's confirmation is
 * lost in Rails (action_cable/connection/subscriptions.rb runs on a pool of workers), so it is held
 * until then.
 */
final class Channels implements Protocol {
  /**
   * As ActionCable's own client does (subscription_guarantor.js); then twice as long each time, up
   * to {@link #MOST_REPEAT_MILLIS}, since what Rails can't answer is an error in its log each time.
   */
  private static final long REPEAT_MILLIS = 500;

  private static final long MOST_REPEAT_MILLIS = 4_000;

  private static final String DOWN = "the cable is down, reconnecting";

  private final SessionContext session;
  private final String eventsId;
  private final Map<String, Subscription> byChanId = new HashMap<>(4);
  private final Map<String, Subscription> byIdentifier = new HashMap<>(4);
  private long heldBytes;

  /** Of the identifiers of all subscriptions. */
  private long identifierCharacters;

  Channels(SessionContext session, String eventsId) {
    this.session = session;
    this.eventsId = eventsId;
  }

  @Override
  public Event greeting(long position, boolean resumed) {
    return session.events().encoder().joined(position, eventsId, resumed);
  }

  @Override
  public Event replaced() {
    return session.events().encoder().closed("replaced", false);
  }

  @Override
  public Event ended() {
    return session.events().encoder().closed("ended", false);
  }

  /** An EventSource comes back by itself, unless it gets a last event. */
  @Override
  public LastEvents drained(long retryMillis) {
    return new LastEvents(
        Arrivals.retry(retryMillis), session.events().encoder().closed("drained", true));
  }

  @Override
  public void welcomed(boolean again) {
    for (Subscription subscription : byChanId.values()) {
      subscription.again = again;
      start(subscription);
    }
  }

  @Override
  public void confirmed(String identifier) {
    Subscription subscription = byIdentifier.get(identifier);
    if (subscription != null && subscription.state != State.CONFIRMED) {
      subscription.state = State.CONFIRMED;
      subscription.repeat.clear();
      session
          .events()
          .append(
              session
                  .events()
                  .encoder()
                  .connected(
                      session.events().nextNumber(), subscription.identifier, subscription.again));
      releaseHeld(subscription, null);
    }
  }

  @Override
  public void rejected(String identifier) {
    Subscription subscription = byIdentifier.get(identifier);
    if (subscription != null) {
      forget(subscription);
      session
          .events()
          .append(
              session
                  .events()
                  .encoder()
                  .rejected(session.events().nextNumber(), subscription.identifier));
      releaseHeld(subscription, "the subscription was rejected");
    }
  }

  @Override
  public void received(String identifier, byte[] frame, int from, int to) {
    Subscription subscription = byIdentifier.get(identifier);
    if (subscription != null) {
      session
          .events()
          .append(
              session
                  .events()
                  .encoder()
                  .received(
                      session.events().nextNumber(), subscription.receivedHead, frame, from, to));
    }
  }

  @Override
  public void unreadable(String why) {
    session.events().append(session.events().encoder().gap(session.events().nextNumber(), 1L));
  }

  @Override
  public void dropped(String reason) {
    for (Subscription subscription : List.copyOf(byChanId.values())) {
      lose(subscription, reason, true);
      releaseHeld(subscription, DOWN);
    }
  }

  @Override
  public Event cableEnded(CableEnding ending) {
    byChanId.values().forEach(subscription -> lose(subscription, ending.reason(), false));
    close();
    return session.events().encoder().closed(ending.reason(), false);
  }

  @Override
  public void close() {
    for (Subscription subscription : List.copyOf(byChanId.values())) {
      forget(subscription);
      takeHeld(subscription).forEach(slot -> slot.done("the session has ended"));
    }
  }

  @Override
  public void carryOut(PendingBatch batch) {
    batch.slots().forEach(this::carryOut);
  }

  @Override
  public List<String> channels() {
    List<String> confirmed = new ArrayList<>();
    for (Subscription subscription : byChanId.values()) {
      if (subscription.state == State.CONFIRMED) {
        confirmed.add(subscription.identifier.chanId());
      }
    }
    return confirmed;
  }

  private void carryOut(Slot slot) {
    Command command = slot.command();
    if (command instanceof Command.Malformed malformed) {
      slot.done(malformed.error());
    } else if (!session.cable().isOpen()) {
      slot.done(DOWN);
    } else if (command instanceof Command.Subscribe subscribe) {
      subscribe(slot, subscribe.identifier());
    } else if (slot.isDone()) {
      // It was held for too long, and its failure has been told.
      return;
    } else if (command instanceof Command.Unsubscribe unsubscribe) {
      unsubscribe(slot, byChanId.get(unsubscribe.identifier().chanId()));
    } else if (command instanceof Command.Send send) {
      send(slot, byChanId.get(send.identifier().chanId()), send.data());
    } else {
      slot.done("a frame belongs in a tunnel");
    }
  }

  private void subscribe(Slot slot, Identifier identifier) {
    Subscription subscription = byChanId.get(identifier.chanId());
    if (subscription != null && subscription.holdsUnsubscribe()) {
      if (hold(subscription, slot)) {
        slot.done(null);
      }
    } else if (subscription != null) {
      slot.done(null);
      if (subscription.state == State.UNCONFIRMED) {
        start(subscription);
      }
    } else if (byChanId.size() >= session.limits().maxSubscriptions()) {
      slot.done("too many subscriptions, at most " + session.limits().maxSubscriptions());
    } else if (identifierCharacters + identifier.json().length() > mostIdentifierCharacters()) {
      slot.done(
          "the identifiers of all subscriptions are larger than "
              + mostIdentifierCharacters()
              + " characters together");
    } else {
      add(slot, new Subscription(identifier, session.alarm()));
    }
  }

  private void add(Slot slot, Subscription added) {
    if (!session.holder().take(Kind.SUBSCRIPTION, added.weight())) {
      slot.done("the bridge has no memory for one more subscription");
      return;
    }
    slot.done(null);
    byChanId.put(added.identifier.chanId(), added);
    byIdentifier.put(added.identifier.json(), added);
    identifierCharacters += added.identifier.json().length();
    start(added);
  }

  private long mostIdentifierCharacters() {
    return 1_024L * session.limits().maxSubscriptions();
  }

  private void unsubscribe(Slot slot, Subscription subscription) {
    if (subscription == null) {
      slot.done("not subscribed");
    } else if (subscription.state == State.SUBSCRIBING) {
      hold(subscription, slot);
    } else if (write(slot, frame("unsubscribe", subscription.identifier, null))) {
      forget(subscription);
    }
  }

  private void send(Slot slot, Subscription subscription, String data) {
    if (subscription == null) {
      slot.done("not subscribed");
    } else if (subscription.state == State.SUBSCRIBING) {
      hold(subscription, slot);
    } else if (subscription.state == State.UNCONFIRMED) {
      slot.done(notConfirmed());
    } else {
      write(slot, frame("message", subscription.identifier, data));
    }
  }

  /** False if the cable is too busy to take it, and the command has failed. */
  private boolean write(Slot slot, String frame) {
    boolean taken = !isBusyWith(frame.length()) && session.cable().send(frame, slot::done);
    if (taken) {
      slot.handedOver();
      slot.drop();
    } else {
      slot.done(busy());
    }
    return taken;
  }

  private boolean hold(Subscription subscription, Slot slot) {
    if (isBusyWith(size(slot)) || !session.holder().take(Kind.COMMAND, size(slot))) {
      slot.done(busy());
      return false;
    }
    heldBytes += size(slot);
    slot.hold();
    subscription.held.add(slot);
    return true;
  }

  /** Begins, or begins anew, to subscribe. */
  private void start(Subscription subscription) {
    subscription.state = State.SUBSCRIBING;
    subscription.unanswered = 0;
    subscription.counted = session.nanoTime();
    subscription.pause = REPEAT_MILLIS;
    writeSubscribe(subscription);
  }

  private void writeSubscribe(Subscription subscription) {
    String frame = frame("subscribe", subscription.identifier, null);
    if (!isBusyWith(frame.length())) {
      session.cable().send(frame, ignored -> {});
    }
    long left = (session.limits().confirm().toNanos() - subscription.unanswered) / 1_000_000;
    subscription.repeat.set(Math.min(subscription.pause, left), () -> repeat(subscription));
    subscription.pause = Math.min(2 * subscription.pause, MOST_REPEAT_MILLIS);
  }

  private void repeat(Subscription subscription) {
    long now = session.nanoTime();
    if (session.cable().isReading()) {
      subscription.unanswered += now - subscription.counted;
    }
    subscription.counted = now;
    if (subscription.unanswered < session.limits().confirm().toNanos()) {
      writeSubscribe(subscription);
    } else {
      subscription.state = State.UNCONFIRMED;
      tellDisconnected(subscription, "unconfirmed", false);
      releaseHeld(subscription, notConfirmed());
    }
  }

  private void lose(Subscription subscription, String reason, boolean reconnect) {
    subscription.repeat.clear();
    if (subscription.state == State.SUBSCRIBING || subscription.state == State.CONFIRMED) {
      tellDisconnected(subscription, reason, reconnect);
    }
    subscription.state = State.LOST;
  }

  private void tellDisconnected(Subscription subscription, String reason, boolean reconnect) {
    session
        .events()
        .append(
            session
                .events()
                .encoder()
                .disconnected(
                    session.events().nextNumber(), subscription.identifier, reason, reconnect));
  }

  /**
   * The outcome that held commands waited for is there.
   *
   * @param failure why the sends up to the next other command fail; null where they may go
   */
  private void releaseHeld(Subscription subscription, String failure) {
    boolean failing = failure != null;
    for (Slot slot : takeHeld(subscription)) {
      failing &= slot.kind() == Command.Kind.SEND;
      if (failing) {
        slot.done(failure);
      } else {
        carryOut(slot);
      }
      if (slot.isDone()) {
        slot.drop();
      }
    }
  }

  private Deque<Slot> takeHeld(Subscription subscription) {
    Deque<Slot> held = new ArrayDeque<>(subscription.held);
    subscription.held.clear();
    for (Slot slot : held) {
      heldBytes -= size(slot);
      session.holder().giveBack(Kind.COMMAND, size(slot));
      slot.release();
    }
    return held;
  }

  private void forget(Subscription subscription) {
    subscription.repeat.clear();
    byChanId.remove(subscription.identifier.chanId());
    byIdentifier.remove(subscription.identifier.json());
    identifierCharacters -= subscription.identifier.json().length();
    session.holder().giveBack(Kind.SUBSCRIPTION, subscription.weight());
  }

  private boolean isBusyWith(long more) {
    return session.cable().unsentBytes() + heldBytes + more > session.limits().maxUnsentBytes();
  }

  private String busy() {
    return "the cable is busy: more than "
        + session.limits().maxUnsentBytes()
        + " bytes wait to be sent";
  }

  private String notConfirmed() {
    return "not confirmed within " + session.limits().confirm().toSeconds() + " s";
  }

  private static long size(Slot slot) {
    return slot.command().size();
  }

  /** A command as ActionCable's client writes it (consumer.js, subscriptions.js). */
  private static String frame(String command, Identifier identifier, String data) {
    StringBuilder frame = new StringBuilder("{\"command\":\"").append(command);
    JsonText.quote(frame.append("\",\"identifier\":"), identifier.json());
    if (data != null) {
      JsonText.quote(frame.append(",\"data\":"), data);
    }
    return frame.append('}').toString();
  }
}
