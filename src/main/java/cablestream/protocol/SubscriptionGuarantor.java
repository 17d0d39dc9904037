package cablestream.protocol;

import cablestream.cable.ActionCableProtocol;
import cablestream.concurrent.Timers;
import cablestream.protocol.Subscription.State;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Repeats a subscribe without an answer, as Action Cable's own client does
 * (subscription_guarantor.js), and finally gives up. Inside the mailbox only.
 */
final class SubscriptionGuarantor {
  /**
   * As in that client; doubled each time, up to {@link #MAX_REPEAT_MILLIS}, since Rails logs an
   * error each time for one that it can't answer.
   */
  private static final long REPEAT_MILLIS = 500;

  private static final long MAX_REPEAT_MILLIS = 4_000;

  private final Outgoing outgoing;
  private final Timers timers;
  private final long confirmNanos;
  private final Consumer<Subscription> unconfirmed;

  /**
   * @param confirm the time after which a subscription is given up
   * @param unconfirmed receives the subscriptions that are given up
   */
  SubscriptionGuarantor(
      Outgoing outgoing, Timers timers, Duration confirm, Consumer<Subscription> unconfirmed) {
    this.outgoing = outgoing;
    this.timers = timers;
    confirmNanos = confirm.toNanos();
    this.unconfirmed = unconfirmed;
  }

  /** Starts to subscribe, or starts again. */
  void guarantee(Subscription subscription) {
    subscription.state = State.SUBSCRIBING;
    subscription.unanswered = 0;
    subscription.counted = timers.nanoTime();
    subscription.pause = REPEAT_MILLIS;
    subscribe(subscription);
  }

  /** It was answered, or isn't needed any more. */
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

  /** While the cable isn't read, no answer can arrive, and the time doesn't count. */
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
