package cablestream.cable;

import cablestream.cable.DialRequest.Header;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;

/** One WebSocket, from its dial to its end. Any thread may call; nothing blocks. */
public interface CableSocket {
  /** How long a close may take, whatever the server does, before the connection is cut. */
  long CLOSE_SECONDS = 2;

  /** Makes sockets. */
  interface Dialer {
    /**
     * Dials; redirects are not followed. The socket ends in {@link Events#refused}, {@link
     * Events#unreachable}, or, once open, in {@link Events#closed}.
     *
     * @param protocols the subprotocols to ask for, in order
     */
    CableSocket dial(URI url, List<Header> headers, List<String> protocols, Events events);
  }

  /** Reads up to one more message. Not to be called again before that has come. */
  void demand();

  /** The message that {@link Events#text} told last is somebody else's now. */
  void taken();

  /** The room that was kept for the event of that message is the log's from now on. */
  void releaseEventRoom();

  /**
   * Sends a text message, after those before it.
   *
   * @param text UTF-8, not changed any more
   * @param done gets null once the message has been written, else why it couldn't be
   */
  void send(byte[] text, Consumer<String> done);

  /** Closes after what has been sent; without effect on a socket that is closed. */
  void close(int code, String reason);

  /** Cuts the connection, or gives up the dial. */
  void abort();

  /** Changes whenever a part of a message has been read that isn't its last. */
  int progress();

  /** Whether something has come that couldn't be read yet, for want of processor time. */
  boolean hasUnread();

  /** What a socket tells; one call at a time, on whatever thread. */
  interface Events {
    /**
     * The upgrade is done.
     *
     * @param protocol the subprotocol that the server chose; empty for none
     */
    void opened(String protocol);

    /** A text message as it came (its UTF-8 unchecked), handed over. */
    void text(byte[] message);

    /**
     * Instead of {@link #text}: the message won't be told; the next demand passes over the rest of
     * it.
     *
     * @param code the close code that stands for the fault (RFC 6455, 7.4.1)
     */
    void unreadable(int code, String why);

    /** The server didn't upgrade. @param location where it redirects to; null if it doesn't */
    void refused(int status, String location);

    /** There was no answer. @param why a few words without secrets */
    void unreachable(String why);

    /**
     * It is over.
     *
     * @param code the server's close code, 1005 or 1006 where it gave none
     */
    void closed(int code, String reason);
  }
}
