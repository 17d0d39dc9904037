package cablestream.log;

/** Arbitrary bytes as an event, for tests of classes that deliver events without reading them. */
public final class RawEvent {
  private RawEvent() {}

  public static Event of(byte[] bytes) {
    return new Event(bytes, 1, Event.Kind.MESSAGE, 0);
  }
}
