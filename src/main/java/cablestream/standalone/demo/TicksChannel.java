package cablestream.standalone.demo;

/** The server's numbered ticks, the same for all: {@link DemoTicks}. */
final class TicksChannel implements Channel {
  @Override
  public void subscribed(DemoSubscription subscription) {
    subscription.streamFrom(DemoTicks.STREAM);
  }
}
