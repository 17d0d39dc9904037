package cablestream.cable;

import cablestream.concurrent.Mailbox;
import java.util.function.Consumer;

/**
 * One session's connection to the Action Cable server: it dials, speaks the protocol, detects a
 * dead socket, and dials again. Every method is called, and every call to the {@link Owner} is
 * made, inside the session's mailbox.
 */
public interface Cable {
  /** Whether the Action Cable server can be reached, as far as dials show. */
  enum Health {
    /** A cable is welcomed, or the latest dial was. */
    UP,
    /** No cable is welcomed, and the latest dial got no answer. */
    DOWN,
    /** There was no dial yet, or none for a while. */
    UNKNOWN
  }

  /** The reader of the server's frames, which decides what happens when the cable is lost. */
  enum Reader {
    /** The bridge: the owner receives their contents, and a lost cable is dialled again. */
    BRIDGE,
    /**
     * The client, through a tunnel: {@link Owner#frame} receives them unchanged, and a loss is the
     * end.
     */
    CLIENT
  }

  /** Makes cables; one for each session. */
  interface Dialer {
    /**
     * Makes a cable, which doesn't dial yet.
     *
     * @param reader the reader of the server's frames
     */
    Cable cable(Owner owner, Mailbox mailbox, Reader reader);

    /** False while so many dials wait that a new session should be refused. */
    boolean accepts();

    /** The present figures of all cables. */
    default Figures figures() {
      return new Figures(Health.UNKNOWN, 0, 0, 0);
    }
  }

  /**
   * Figures of all cables of a dialer.
   *
   * @param health the server's, as cables and dials have shown it
   * @param live the number of cables that are welcomed and open
   * @param dialLimit the present limit of simultaneous dials
   * @param waitingDials the number of dials that wait for their turn
   */
  record Figures(Health health, int live, int dialLimit, int waitingDials) {}

  /**
   * Dials for the first time. Leads to {@link Owner#opened} or {@link Owner#ended}, after 10 s at
   * the latest (its wait for a turn among other dials has a limit of its own).
   *
   * @param network of the caller: when many dials wait, the networks take turns
   */
  void open(DialRequest request, String network);

  /** Sets what later dials send: the headers and the query of the latest accepted GET. */
  void use(DialRequest request);

  /** Whether it is welcomed and not lost since, so that {@link #send} can succeed. */
  boolean isOpen();

  /**
   * Requests one more frame; without effect if one is requested already, or while the cable isn't
   * open. Nothing is read without a request.
   */
  void demand();

  /**
   * Queues a text frame. {@code done} receives null once the socket has accepted it, otherwise the
   * reason of the failure.
   */
  void send(String frame, Consumer<String> done);

  /** Bytes queued by {@link #send} that the socket hasn't accepted yet. */
  int unsentBytes();

  /**
   * Closes permanently, from any state: frames already queued are written first. The owner receives
   * no further calls.
   *
   * @param code a WebSocket close code: 1000 for a session that ended, 1001 for a drain
   */
  void close(int code, String reason);

  /** A cable's notifications to its session. */
  interface Owner {
    /**
     * The server's welcome has arrived (for a tunnel: the upgrade is done). No demand is
     * outstanding. After {@link #lost} the server has forgotten all subscriptions.
     */
    void opened();

    /**
     * A frame for a subscription, or a tunnel's frame. It satisfied the demand; the owner demands
     * the next.
     */
    void frame(CableFrame frame);

    /**
     * A frame was unreadable (bad JSON, bad UTF-8, binary, too large) and was dropped. It satisfied
     * the demand as well. A tunnel's cable ends instead.
     */
    void frameDropped(String why);

    /** A dial begins: the first, or one after a loss. */
    default void dialling() {}

    /**
     * Whether a request or a listener still waits for the dial whose turn has come. If not, and
     * other dials wait for their turns, a first dial isn't made and {@link #abandoned} follows; one
     * after a loss is due again later.
     */
    default boolean isAwaited() {
      return true;
    }

    /** The first dial isn't made, as nothing waits for it; the owner must close the cable. */
    default void abandoned() {}

    /**
     * A dial has ended. Its welcome leads to opened; a failure to ended or, after a loss, to
     * another dial.
     *
     * @param failure null for the server's welcome (for a tunnel: the upgrade)
     * @param nanoseconds its duration
     */
    default void dialled(CableEnding.Kind failure, long nanoseconds) {}

    /**
     * A welcomed cable was lost; another dial follows automatically, which leads to opened or
     * ended.
     */
    void lost(String reason);

    /**
     * The cable has ended: the first dial failed, or the server refuses to be dialled again.
     * Nothing follows.
     */
    void ended(CableEnding ending);
  }
}
