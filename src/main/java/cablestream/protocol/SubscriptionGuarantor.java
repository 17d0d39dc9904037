package cablestream.protocol;

import cablestream.cable.ActionCableProtocol;
import cablestream.concurrent.Timers;
import cablestream.protocol.Subscription.State;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Repeats a subscribe that isn't answered, as ActionCable's own client does
 * (subscription_guarantor.js), and gives up in the end. Inside the mailbox only.
 */
final class SubscriptionGuarantor {
  /**
   * As that client; then twice as long each time, up to {@link #MAX_REPEAT_MILLIS}, since what
   * Rails can't answer is an error in its log each time.
   */
  private static final long REPEAT_MILLIS = 500;

  private static final long MAX_REPEAT_MILLIS = 4_000;

  private final Outgoing outgoing;
  private final Timers timers;
  private final long confirmNanos;
  private final Consumer<Subscription> unconfirmed;

  /**
   * @param confirm after which a subscription is given up
   * @param unconfirmed hears of those that are given up
   */
  SubscriptionGuarantor(
      Outgoing outgoing, Timers timers, Duration confirm, Consumer<Subscription> unconfirmed) {
    this.outgoing = outgoing;
    this.timers = timers;
    confirmNanos = confirm.toNanos();
    this.unconfirmed = unconfirmed;
  }

  /** Begins, or begins anew, to subscribe. */
  void guarantee(Subscription subscription) {
    subscription.state = State.SUBSCRIBING;
    subscription.unanswered = 0;
    subscription.counted = timers.nanoTime();
    subscription.pause = REPEAT_MILLIS;
    subscribe(subscription);
  }

  /** It has been answered, or isn't wanted any more. */
  void forget(Subscription subscription) {
    subscription.repeat.clear();
  }

  private void subscribe(Subscription subscription) {
    String frame = ActionCableProtocol.subscribe(subscription.identifier.json());
    if (!outgoing.isBusyWith(frame.length())) {
      outgoing.send(frame, ignored -> {});
    }
    long left = (confirmNanos - subscription.unanswered) / 1_000_000;
    subscription.repeat.set(Math.min(subscription.pause, left), () -> repeat(subscription));
    subscription.pause = Math.min(2 * subscription.pause, MAX_REPEAT_MILLIS);
  }

  /** While the cable isn't read, its answer can't be heard, and no time is counted. */
  private void repeat(Subscription subscription) {
    long now = timers.nanoTime();
    if (outgoing.isReading()) {
      subscription.unanswered += now - subscription.counted;
    }
    subscription.counted = now;
    if (subscription.unanswered < confirmNanos) {
      subscribe(subscription);
    } else {
      subscription.state = State.UNCONFIRMED;
      unconfirmed.accept(subscription);
    }
  }
}
