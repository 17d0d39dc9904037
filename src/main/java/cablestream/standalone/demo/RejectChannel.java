package cablestream.standalone.demo;

/** Nobody may subscribe. */
final class RejectChannel implements Channel {
  @Override
  public void subscribed(DemoSubscription subscription) {
    subscription.reject();
  }
}
