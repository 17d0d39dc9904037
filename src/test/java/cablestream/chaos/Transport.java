package cablestream.chaos;

/** How a client listens. */
enum Transport {
  EVENT_SOURCE("EventSource"),
  LONG_POLL("long poll"),
  TUNNEL("tunnel");

  private final String title;

  Transport(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }
}
