package cablestream.protocol;

import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.concurrent.Mailbox;
import cablestream.delivery.Listeners;
import cablestream.environment.Environment;
import cablestream.environment.Observer.OpenedBy;
import cablestream.environment.SessionWeights;
import cablestream.environment.Transitions;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.LastEventId;
import cablestream.memory.Holder;
import java.util.function.Consumer;

/** The protocol of each {@link Mode}, and what depends on it before there is a session. */
public final class Protocols {
  private Protocols() {}

  /**
   * The protocol of a session.
   *
   * @param opener the request that opens it
   * @param transitions the session's transitions
   * @param breakOff ends the session with this as its last event, if the client would otherwise
   *     miss data that it requires
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

  /** The reader of the server's frames. */
  public static Cable.Reader reader(Mode mode) {
    return switch (mode) {
      case CHANNELS -> Cable.Reader.BRIDGE;
      case TUNNEL -> Cable.Reader.CLIENT;
    };
  }

  /** Bytes reserved for the first subscription of a session before there is one. */
  public static long firstSubscription(Mode mode) {
    return switch (mode) {
      case CHANNELS -> SessionWeights.FIRST_SUBSCRIPTION;
      case TUNNEL -> 0; // only its server knows subscriptions
    };
  }

  /**
   * The label under which a session's dials are counted.
   *
   * @param otherwise the label from its first request
   */
  public static OpenedBy openedBy(Mode mode, OpenedBy otherwise) {
    return switch (mode) {
      case CHANNELS -> otherwise;
      case TUNNEL -> OpenedBy.TUNNEL;
    };
  }

  /**
   * Whether no session can serve the request: a tunnel that resumes as a WebSocket would can't
   * start in the middle. Such a request receives the last event, and nothing is dialled.
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
