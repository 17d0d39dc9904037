package cablestream.protocol;

import cablestream.browser.Mode;
import cablestream.cable.Cable;
import cablestream.cable.DialRequest;

/** What sessions of each {@link Mode} speak. */
public final class Protocols {
  private Protocols() {}

  /**
   * A session's.
   *
   * @param dial of the caller who opened it
   */
  public static Protocol of(Mode mode, SessionContext session, String eventsId, DialRequest dial) {
    return switch (mode) {
      case CHANNELS -> new Channels(session, eventsId);
      case TUNNEL -> new Tunnel(session, dial.protocols().get(0));
    };
  }

  /** Who reads the server's frames. */
  public static Cable.Reader reader(Mode mode) {
    return switch (mode) {
      case CHANNELS -> Cable.Reader.BRIDGE;
      case TUNNEL -> Cable.Reader.CLIENT;
    };
  }
}
