package cablestream.cable;

import cablestream.concurrent.Mailbox;
import java.util.function.Consumer;

/**
 * One session's way to the Action Cable server: it dials, speaks the protocol, notices when the
 * socket has died, and dials again. Every method is called, and every call to the {@link Owner} is
 * made, inside the session's mailbox.
 */
public interface Cable {
  /** Whether the Action Cable server can be reached, as far as dials tell. */
  enum Health {
    /** Some cable is welcomed, or the latest dial was. */
    UP,
    /** No cable is, and the latest dial met nobody, or silence. */
    DOWN,
    /** Nobody has dialled yet, or for long. */
    UNKNOWN
  }

  /** Who reads the server's frames, and with them knows what to do when the cable is lost. */
  enum Reader {
    /** The bridge: the owner hears what they say, and a lost cable is dialled again. */
    BRIDGE,
    /**
     * The client, through a tunnel: they go to {@link Owner#frame} as they came, and a loss is the
     * end.
     */
    CLIENT
  }

  /** Makes cables; one for each session. */
  interface Dialer {
    /**
     * Makes a cable that has not dialled yet.
     *
     * @param reader who reads the server's frames
     */
    Cable cable(Owner owner, Mailbox mailbox, Reader reader);

    /** False while so many dials are waiting that a new session had better be refused. */
    boolean accepts();

    /** What cables and dials have shown of the server. */
    default Health health() {
      return Health.UNKNOWN;
    }

    /** Cables that have been welcomed and aren't over. */
    default int live() {
      return 0;
    }

    /** Dials that may be underway at the same time, at present. */
    default int dialLimit() {
      return 0;
    }

    /** Dials that wait for their turn. */
    default int waitingDials() {
      return 0;
    }
  }

  /**
   * Dials for the first time. Ends in {@link Owner#opened} or {@link Owner#ended}, after 10 s at
   * the latest (while it waits for its turn among other dials, that time too is limited).
   *
   * @param openedBy as which this dial is counted, and those that follow
   * @param network of the caller: where many wait to dial, each network has its turns
   */
  void open(DialRequest request, DialObserver.OpenedBy openedBy, String network);

  /** What later dials shall send: the headers and the query of the latest GET that was let in. */
  void use(DialRequest request);

  /** What the next dial would send; null where nobody has asked for one, or nobody dials. */
  default DialRequest request() {
    return null;
  }

  /** Whether it is welcomed and not lost since, so that {@link #send} has a chance. */
  boolean isOpen();

  /**
   * Asks for one more frame; does nothing if one is asked for already, or while the cable isn't
   * open. Nothing is read unasked.
   */
  void demand();

  /**
   * Queues a text frame. {@code done} gets null once the socket has taken it, or the reason why it
   * couldn't.
   */
  void send(String frame, Consumer<String> done);

  /** Bytes queued by {@link #send} that the socket hasn't taken yet. */
  int unsentBytes();

  /**
   * Closes for good, from whatever state: frames already queued are written first. The owner hears
   * nothing more.
   *
   * @param code a WebSocket close code: 1000 for a session that ended, 1001 for a drain
   */
  void close(int code, String reason);

  /** What a cable tells its session. */
  interface Owner {
    /**
     * The server's welcome has come (a tunnel: the upgrade is done). No demand is outstanding.
     *
     * @param again true when the cable had been welcomed before and was lost since: the server has
     *     forgotten all subscriptions
     */
    void opened(boolean again);

    /**
     * What a subscription is told, a tunnel's frame, or one that was dropped as it is unreadable.
     * It satisfied the demand; the owner demands the next.
     */
    void frame(CableFrame frame);

    /** A dial begins: the first, or one after a loss. */
    default void dialling() {}

    /** A dial after a loss has failed; another is due by itself. */
    default void dialFailed(CableEnding ending) {}

    /** A welcomed cable was lost; another dial is due by itself, ending in opened or ended. */
    void lost(String reason);

    /**
     * It is over: the first dial failed, or the server doesn't want the caller back. Nothing
     * follows.
     */
    void ended(CableEnding ending);
  }
}
