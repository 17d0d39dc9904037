package cablestream.demo;

/** Nobody may subscribe. */
final class RejectChannel implements Channel {
  @Override
  public void subscribed(Subscription subscription) {
    subscription.reject();
  }
}
