package cablestream.protocol;

import cablestream.cable.ActionCableProtocol;
import cablestream.protocol.Subscription.State;
import java.util.function.Consumer;

/**
 * Repeats a subscribe that isn't answered, as ActionCable's own client does
 * (subscription_guarantor.js), and gives up in the end. Inside the mailbox only.
 */
final class SubscriptionGuarantor {
  /**
   * As that client; then twice as long each time, up to {@link #MOST_REPEAT_MILLIS}, since what
   * Rails can't answer is an error in its log each time.
   */
  private static final long REPEAT_MILLIS = 500;

  private static final long MOST_REPEAT_MILLIS = 4_000;

  private final SessionContext session;
  private final HeldCommands heldCommands;
  private final Consumer<Subscription> unconfirmed;

  /**
   * @param heldCommands says whether the cable is too busy for one more
   * @param unconfirmed hears of those that are given up
   */
  SubscriptionGuarantor(
      SessionContext session, HeldCommands heldCommands, Consumer<Subscription> unconfirmed) {
    this.session = session;
    this.heldCommands = heldCommands;
    this.unconfirmed = unconfirmed;
  }

  /** Begins, or begins anew, to subscribe. */
  void guarantee(Subscription subscription) {
    subscription.state = State.SUBSCRIBING;
    subscription.unanswered = 0;
    subscription.counted = session.nanoTime();
    subscription.pause = REPEAT_MILLIS;
    subscribe(subscription);
  }

  /** It has been answered, or isn't wanted any more. */
  void forget(Subscription subscription) {
    subscription.repeat.clear();
  }

  private void subscribe(Subscription subscription) {
    String frame = ActionCableProtocol.subscribe(subscription.identifier.json());
    if (!heldCommands.isBusyWith(frame.length())) {
      session.cable().send(frame, ignored -> {});
    }
    long left = (session.limits().confirm().toNanos() - subscription.unanswered) / 1_000_000;
    subscription.repeat.set(Math.min(subscription.pause, left), () -> repeat(subscription));
    subscription.pause = Math.min(2 * subscription.pause, MOST_REPEAT_MILLIS);
  }

  /** While the cable isn't read, its answer can't be heard, and no time is counted. */
  private void repeat(Subscription subscription) {
    long now = session.nanoTime();
    if (session.cable().isReading()) {
      subscription.unanswered += now - subscription.counted;
    }
    subscription.counted = now;
    if (subscription.unanswered < session.limits().confirm().toNanos()) {
      subscribe(subscription);
    } else {
      subscription.state = State.UNCONFIRMED;
      unconfirmed.accept(subscription);
    }
  }
}
