package cablestream.protocol;

import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.DialObserver.OpenedBy;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.Listeners;
import cablestream.environment.Environment;
import cablestream.environment.SessionWeights;
import cablestream.environment.Transitions;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.LastEventId;
import cablestream.memory.Holder;
import java.util.function.Consumer;

/** What sessions of each {@link Mode} speak, and what follows from it before there is a session. */
public final class Protocols {
  private Protocols() {}

  /**
   * A session's.
   *
   * @param opener the request that opens it
   * @param transitions the session's
   * @param breakOff ends the session with this as its last event, as the other side would miss
   *     something that it can't be spared
   */
  public static Protocol of(
      SessionRequest opener,
      Environment environment,
      Mailbox mailbox,
      Holder holder,
      Outgoing outgoing,
      Listeners listeners,
      EventEncoder encoder,
      Transitions transitions,
      Consumer<Event> breakOff) {
    return switch (opener.mode()) {
      case CHANNELS ->
          new Channels(
              opener.eventsId(),
              environment,
              mailbox,
              holder,
              outgoing,
              listeners,
              encoder,
              transitions);
      case TUNNEL ->
          new Tunnel(
              opener.caller().dial().protocols().get(0), outgoing, listeners, encoder, breakOff);
    };
  }

  /** Who reads the server's frames. */
  public static Cable.Reader reader(Mode mode) {
    return switch (mode) {
      case CHANNELS -> Cable.Reader.BRIDGE;
      case TUNNEL -> Cable.Reader.CLIENT;
    };
  }

  /** Bytes that are taken for the first subscription of a session, before there is one. */
  public static long firstSubscription(Mode mode) {
    return switch (mode) {
      case CHANNELS -> SessionWeights.FIRST_SUBSCRIPTION;
      case TUNNEL -> 0; // its server's affair
    };
  }

  /**
   * What a session's dials are counted as.
   *
   * @param otherwise what its first request would say
   */
  public static OpenedBy openedBy(Mode mode, OpenedBy otherwise) {
    return switch (mode) {
      case CHANNELS -> otherwise;
      case TUNNEL -> OpenedBy.TUNNEL;
    };
  }

  /**
   * Whether no session could serve it: a tunnel that goes on as a WebSocket would can't begin in
   * the middle. Whoever asks for that is told the end, and nothing is dialled.
   */
  public static boolean isUnresumable(SessionRequest request) {
    return switch (request.mode()) {
      case CHANNELS -> false;
      case TUNNEL -> {
        LastEventId cursor = LastEventId.parse(request.cursor());
        yield cursor != null && !cursor.isBeginning();
      }
    };
  }
}
