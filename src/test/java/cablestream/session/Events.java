package cablestream.session;

import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventTime;
import cablestream.log.FreshRoom;
import cablestream.log.Identifier;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;

/** Events as a session creates them, for tests of the classes that deliver them. */
public final class Events {
  private static final EventEncoder ENCODER =
      new EventEncoder("session1", new EventTime(InstantSource.system()), new FreshRoom());

  private Events() {}

  /** A channel's message. */
  public static Event received(long number, String message) {
    byte[] frame = message.getBytes(StandardCharsets.UTF_8);
    byte[] head = EventEncoder.receivedHead(new Identifier("{\"channel\":\"C\"}", "c0ffee"));
    return ENCODER.received(number, head, frame, 0, frame.length);
  }

  /** An event as written to a stream. */
  public static String text(Event event) {
    return new String(event.array(), event.start(), event.length(), StandardCharsets.UTF_8);
  }

  /** A tunnel's frame. */
  public static Event frame(long number, String text) {
    return ENCODER.frame(number, text.getBytes(StandardCharsets.UTF_8));
  }
}
