package cablestream.session;

import cablestream.cable.CableEnding;
import cablestream.log.Event;
import cablestream.log.Identifier;
import cablestream.session.PendingBatch.Slot;
import cablestream.session.Subscription.State;
import java.util.List;

/**
 * The classic API: subscriptions and commands towards the cable, events towards the listeners;
 * protocol sections 2 and 3. A {@code message} that overtakes its subscription's confirmation is
 * lost in Rails (action_cable/connection/subscriptions.rb runs on a pool of workers), so it is held
 * until then.
 */
final class Channels implements Protocol {
  private static final String DOWN = "the cable is down, reconnecting";

  private final SessionContext session;
  private final String eventsId;
  private final Subscriptions subscriptions;
  private final HeldCommands heldCommands;
  private final SubscriptionGuarantor guarantor;

  Channels(SessionContext session, String eventsId) {
    this.session = session;
    this.eventsId = eventsId;
    subscriptions = new Subscriptions(session);
    heldCommands = new HeldCommands(session);
    guarantor = new SubscriptionGuarantor(session, heldCommands, this::unconfirmed);
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
    for (Subscription subscription : subscriptions.all()) {
      subscription.again = again;
      guarantor.guarantee(subscription);
    }
  }

  @Override
  public void confirmed(String identifier) {
    Subscription subscription = subscriptions.of(identifier);
    if (subscription != null && subscription.state != State.CONFIRMED) {
      subscription.state = State.CONFIRMED;
      guarantor.forget(subscription);
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
    Subscription subscription = subscriptions.of(identifier);
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
    Subscription subscription = subscriptions.of(identifier);
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
    for (Subscription subscription : subscriptions.all()) {
      lose(subscription, reason, true);
      releaseHeld(subscription, DOWN);
    }
  }

  @Override
  public Event cableEnded(CableEnding ending) {
    subscriptions.all().forEach(subscription -> lose(subscription, ending.reason(), false));
    close();
    return session.events().encoder().closed(ending.reason(), false);
  }

  @Override
  public void close() {
    for (Subscription subscription : subscriptions.all()) {
      forget(subscription);
      heldCommands.take(subscription).forEach(slot -> slot.done("the session has ended"));
    }
  }

  @Override
  public void carryOut(PendingBatch batch) {
    batch.slots().forEach(this::carryOut);
  }

  @Override
  public List<String> channels() {
    return subscriptions.confirmed();
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
      unsubscribe(slot, subscriptions.called(unsubscribe.identifier().chanId()));
    } else if (command instanceof Command.Send send) {
      send(slot, subscriptions.called(send.identifier().chanId()), send.data());
    } else {
      slot.done("a frame belongs in a tunnel");
    }
  }

  private void subscribe(Slot slot, Identifier identifier) {
    Subscription subscription = subscriptions.called(identifier.chanId());
    if (subscription != null && subscription.holdsUnsubscribe()) {
      if (heldCommands.hold(subscription, slot)) {
        slot.done(null);
      }
    } else if (subscription != null) {
      slot.done(null);
      if (subscription.state == State.UNCONFIRMED) {
        guarantor.guarantee(subscription);
      }
    } else {
      add(slot, new Subscription(identifier, session.alarm()));
    }
  }

  private void add(Slot slot, Subscription added) {
    String refusal = subscriptions.refusal(added);
    slot.done(refusal);
    if (refusal == null) {
      subscriptions.add(added);
      guarantor.guarantee(added);
    }
  }

  private void unsubscribe(Slot slot, Subscription subscription) {
    if (subscription == null) {
      slot.done("not subscribed");
    } else if (subscription.state == State.SUBSCRIBING) {
      heldCommands.hold(subscription, slot);
    } else if (write(slot, CommandFrame.unsubscribe(subscription.identifier))) {
      forget(subscription);
    }
  }

  private void send(Slot slot, Subscription subscription, String data) {
    if (subscription == null) {
      slot.done("not subscribed");
    } else if (subscription.state == State.SUBSCRIBING) {
      heldCommands.hold(subscription, slot);
    } else if (subscription.state == State.UNCONFIRMED) {
      slot.done(notConfirmed());
    } else {
      write(slot, CommandFrame.message(subscription.identifier, data));
    }
  }

  /** False if the cable is too busy to take it, and the command has failed. */
  private boolean write(Slot slot, String frame) {
    boolean taken =
        !heldCommands.isBusyWith(frame.length()) && session.cable().send(frame, slot::done);
    if (taken) {
      slot.handedOver();
      slot.drop();
    } else {
      slot.done(heldCommands.busy());
    }
    return taken;
  }

  private void unconfirmed(Subscription subscription) {
    tellDisconnected(subscription, "unconfirmed", false);
    releaseHeld(subscription, notConfirmed());
  }

  private void lose(Subscription subscription, String reason, boolean reconnect) {
    guarantor.forget(subscription);
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
    for (Slot slot : heldCommands.take(subscription)) {
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

  private void forget(Subscription subscription) {
    guarantor.forget(subscription);
    subscriptions.remove(subscription);
  }

  private String notConfirmed() {
    return "not confirmed within " + session.limits().confirm().toSeconds() + " s";
  }
}
