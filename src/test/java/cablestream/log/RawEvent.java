package cablestream.log;

/** Any bytes, as an event, for tests of those who carry events without looking at them. */
public final class RawEvent {
  private RawEvent() {}

  public static Event of(byte[] bytes) {
    return new Event(bytes, 1, Event.Kind.MESSAGE, 0);
  }
}
