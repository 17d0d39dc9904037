package cablestream.cable;

import cablestream.cable.DialRequest.Header;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/** One WebSocket, from its dial to its end. Any thread may call; nothing blocks. */
public interface CableSocket {
  /** The time limit of a close, after which the connection is cut. */
  long CLOSE_SECONDS = 2;

  /**
   * The size of a small message, in bytes: for one up to this size it doesn't matter how long both
   * it and its event are in memory, and from {@link Events#text} on it isn't charged.
   */
  int SMALL = 4 * 1024;

  /** Makes sockets. */
  interface Dialer {
    /**
     * Dials; redirects are not followed. Leads to {@link Events#refused}, {@link
     * Events#unreachable} or, once open, {@link Events#closed}.
     *
     * @param protocols the subprotocols to request, in order
     */
    CableSocket dial(URI url, List<Header> headers, List<String> protocols, Events events);
  }

  /** Reads up to one more message. Must not be called again before that has arrived. */
  void demand();

  /** The log is charged for the event of the latest message of {@link Events#text} from now on. */
  void releaseEventRoom();

  /** The log, or nothing, is charged for that message itself from now on. */
  void releaseMessageRoom();

  /**
   * Sends a text message, after earlier ones.
   *
   * @param text UTF-8, which must not be changed any more
   * @param done receives null once the message has been written, otherwise why it failed
   */
  void send(byte[] text, Consumer<String> done);

  /** Closes after earlier messages; without effect on a closed socket. */
  void close(int code, String reason);

  /** Cuts the connection, or gives up the dial. */
  void abort();

  /** Changes whenever a part of a message other than the last has been read. */
  int progress();

  /** Whether data has arrived that couldn't be read yet for lack of processor time. */
  boolean hasUnread();

  /** A socket's notifications; one call at a time, on any thread. */
  interface Events {
    /**
     * The upgrade is done.
     *
     * @param protocol the subprotocol that the server chose; empty for none
     */
    void opened(String protocol);

    /** A text message, its UTF-8 unchecked; the receiver owns the array. */
    void text(byte[] message);

    /**
     * Called instead of {@link #text} for a message that is dropped; the next demand skips the rest
     * of it.
     *
     * @param code the close code for the fault (RFC 6455, 7.4.1)
     */
    void unreadable(int code, String why);

    /** The server didn't upgrade. @param location the target of a redirect; null for none */
    void refused(int status, String location);

    /** There was no answer. @param why a few words without secrets */
    void unreachable(String why);

    /**
     * The connection has ended.
     *
     * @param code the server's close code, 1005 or 1006 if it sent none
     */
    void closed(int code, String reason);
  }
}
