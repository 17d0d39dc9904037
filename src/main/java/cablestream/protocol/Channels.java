package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.Refusal;
import cablestream.cable.ActionCableProtocol;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.LastEvents;
import cablestream.delivery.Listeners;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.environment.Transitions;
import cablestream.environment.Transitions.Step;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.Identifier;
import cablestream.memory.Holder;
import cablestream.protocol.PendingBatch.Slot;
import cablestream.protocol.Subscription.State;
import java.util.List;
import java.util.Map;

/**
 * The classic API: subscriptions and commands towards the cable, events towards the listeners;
 * protocol sections 2 and 3. A {@code message} that overtakes its subscription's confirmation is
 * lost in Rails (action_cable/connection/subscriptions.rb runs on a pool of workers), so it waits
 * until then.
 */
final class Channels implements Protocol {
  private static final Refusal MISMATCH = new Refusal(409, "this session is not a tunnel");

  private static final String DOWN = "the cable is down, reconnecting";

  private final String eventsId;
  private final Environment environment;
  private final Mailbox mailbox;
  private final Listeners listeners;
  private final EventEncoder encoder;
  private final Outgoing outgoing;
  private final Subscriptions subscriptions;
  private final SubscriptionGuarantor guarantor;
  private final Transitions transitions;

  Channels(
      String eventsId,
      Environment environment,
      Mailbox mailbox,
      Holder holder,
      Outgoing outgoing,
      Listeners listeners,
      EventEncoder encoder,
      Transitions transitions) {
    this.eventsId = eventsId;
    this.environment = environment;
    this.mailbox = mailbox;
    this.listeners = listeners;
    this.encoder = encoder;
    this.outgoing = outgoing;
    this.transitions = transitions;
    Limits limits = environment.limits();
    subscriptions = new Subscriptions(holder, limits.commands().maxSubscriptions());
    guarantor =
        new SubscriptionGuarantor(
            outgoing, environment.timers(), limits.commands().confirm(), this::unconfirmed);
  }

  @Override
  public Refusal mismatch() {
    return MISMATCH;
  }

  @Override
  public boolean waitsForWelcome() {
    return true;
  }

  @Override
  public boolean comesBack() {
    return true;
  }

  @Override
  public Event greeting(long position, boolean resumed) {
    return encoder.joined(position, eventsId, resumed);
  }

  @Override
  public Event replaced() {
    return encoder.closed("replaced", false);
  }

  @Override
  public Event ended() {
    return encoder.closed("ended", false);
  }

  @Override
  public LastEvents moved(long retryMillis) {
    return LastEvents.comeBack(retryMillis, encoder.closed("moved", true));
  }

  /** An EventSource reconnects by itself, unless it receives a last event. */
  @Override
  public LastEvents drained(long retryMillis) {
    return LastEvents.comeBack(retryMillis, encoder.closed("drained", true));
  }

  @Override
  public void opened() {
    subscriptions.all().forEach(guarantor::guarantee);
  }

  @Override
  public void frame(CableFrame frame) {
    Subscription subscription = subscriptions.of(frame);
    if (subscription != null) {
      switch (frame.type()) {
        case CONFIRM_SUBSCRIPTION -> confirmed(subscription);
        case REJECT_SUBSCRIPTION -> rejected(subscription);
        case MESSAGE ->
            listeners.append(
                encoder.received(
                    listeners.nextNumber(),
                    subscription.receivedHead,
                    frame.text(),
                    frame.messageFrom(),
                    frame.messageTo()));
        default -> throw new IllegalStateException("not for a subscription: " + frame.type());
      }
    }
  }

  private void confirmed(Subscription subscription) {
    if (subscription.state != State.CONFIRMED) {
      subscription.state = State.CONFIRMED;
      transitions.ofChannel(Step.SUBSCRIBED, subscription.identifier.chanId());
      guarantor.forget(subscription);
      listeners.append(
          encoder.connected(listeners.nextNumber(), subscription.identifier, subscription.again));
      releaseHeld(subscription, null);
    }
  }

  private void rejected(Subscription subscription) {
    transitions.ofChannel(Step.REJECTED, subscription.identifier.chanId());
    forget(subscription);
    listeners.append(encoder.rejected(listeners.nextNumber(), subscription.identifier));
    releaseHeld(subscription, "the subscription was rejected");
  }

  @Override
  public void lost(String reason) {
    for (Subscription subscription : subscriptions.all()) {
      lose(subscription, reason, true);
      releaseHeld(subscription, DOWN);
    }
  }

  @Override
  public Event cableEnded(CableEnding ending) {
    subscriptions.all().forEach(subscription -> lose(subscription, ending.reason(), false));
    close();
    return encoder.closed(ending.reason(), false);
  }

  @Override
  public void close() {
    for (Subscription subscription : subscriptions.all()) {
      forget(subscription);
      outgoing.release(subscription.held).forEach(slot -> slot.done("the session has ended"));
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

  @Override
  public Map<String, String> channelNames() {
    return subscriptions.names();
  }

  private void carryOut(Slot slot) {
    Command command = slot.command();
    if (command instanceof Command.Malformed malformed) {
      slot.done(malformed.error());
    } else if (!outgoing.isOpen()) {
      slot.done(DOWN);
    } else if (command instanceof Command.Subscribe subscribe) {
      subscribe(slot, subscribe.identifier());
    } else if (slot.isDone()) {
      // It has waited too long, and its failure was sent already.
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
      if (hold(subscription, slot)) {
        slot.done(null);
      }
    } else if (subscription != null) {
      slot.done(null);
      if (subscription.state == State.UNCONFIRMED) {
        guarantor.guarantee(subscription);
      }
    } else {
      add(slot, identifier);
    }
  }

  private void add(Slot slot, Identifier identifier) {
    String refusal = subscriptions.refusal(identifier);
    if (refusal != null) {
      slot.done(refusal);
      return;
    }
    Subscription added = new Subscription(identifier, new Alarm(environment.timers(), mailbox));
    if (subscriptions.add(added)) {
      slot.done(null);
      transitions.ofChannel(Step.SUBSCRIBING, identifier.chanId());
      guarantor.guarantee(added);
    } else {
      slot.done("the bridge has no memory for one more subscription");
    }
  }

  private void unsubscribe(Slot slot, Subscription subscription) {
    if (subscription == null) {
      slot.done("not subscribed");
    } else if (subscription.state == State.SUBSCRIBING) {
      hold(subscription, slot);
    } else if (write(slot, ActionCableProtocol.unsubscribe(subscription.identifier.json()))) {
      transitions.ofChannel(Step.UNSUBSCRIBED, subscription.identifier.chanId());
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
      write(slot, ActionCableProtocol.message(subscription.identifier.json(), data));
    }
  }

  /** False if the cable is too busy, and the command has failed. */
  private boolean write(Slot slot, String frame) {
    boolean taken = !outgoing.isBusyWith(frame.length()) && outgoing.send(frame, slot::done);
    if (taken) {
      slot.handedOver();
      slot.drop();
    } else {
      slot.done(outgoing.busy());
    }
    return taken;
  }

  /** Makes it wait for its subscription's outcome, or fails it. */
  private boolean hold(Subscription subscription, Slot slot) {
    boolean held =
        !outgoing.isBusyWith(slot.command().size()) && outgoing.hold(subscription.held, slot);
    if (!held) {
      slot.done(outgoing.busy());
    }
    return held;
  }

  private void unconfirmed(Subscription subscription) {
    transitions.ofChannel(Step.UNCONFIRMED, subscription.identifier.chanId());
    appendDisconnected(subscription, "unconfirmed", false);
    releaseHeld(subscription, notConfirmed());
  }

  private void lose(Subscription subscription, String reason, boolean reconnect) {
    guarantor.forget(subscription);
    if (subscription.state == State.SUBSCRIBING || subscription.state == State.CONFIRMED) {
      appendDisconnected(subscription, reason, reconnect);
    }
    subscription.state = State.LOST;
    subscription.again = true;
  }

  private void appendDisconnected(Subscription subscription, String reason, boolean reconnect) {
    listeners.append(
        encoder.disconnected(listeners.nextNumber(), subscription.identifier, reason, reconnect));
  }

  /**
   * The subscription's outcome is known, so the waiting commands continue.
   *
   * @param failure why the sends before the next other command fail; null if they continue
   */
  private void releaseHeld(Subscription subscription, String failure) {
    boolean failing = failure != null;
    for (Slot slot : outgoing.release(subscription.held)) {
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
    return "not confirmed within " + environment.limits().commands().confirm().toSeconds() + " s";
  }
}
