package cablestream.stress.asitwas;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * How a stream came into a session that is opened for it: as much of {@code SessionManager.enter}
 * and of {@code Session} as it took for two at once to lose one. Whoever found that a dial would be
 * let in ({@link #mayDial}), but the place taken when it dialled, had its session end within {@link
 * Session#openIfNew}, before it was among those who were to be told of it; and was then attached to
 * a session that was gone.
 */
public final class Sessions {
  private final BooleanSupplier mayDial;
  private final BooleanSupplier dials;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();

  /**
   * @param mayDial whether the gate for dials has room
   * @param dials takes a place in it, or finds that there is none
   */
  public Sessions(BooleanSupplier mayDial, BooleanSupplier dials) {
    this.mayDial = mayDial;
    this.dials = dials;
  }

  /** How many there are. */
  public int size() {
    return sessions.size();
  }

  /** A stream arrives. */
  public void listen(String id, Listener.Stream stream) {
    Session session = sessions.get(id);
    if (session == null) {
      if (!mayDial.getAsBoolean()) {
        stream.refused(busy());
        return;
      }
      Session opened = new Session(id);
      Session other = sessions.putIfAbsent(id, opened);
      session = other == null ? opened : other;
    }
    Session found = session;
    found.mailbox.run(
        () -> {
          if (found.state == State.GONE) {
            listen(id, stream);
          } else {
            found.listen(stream);
          }
        });
  }

  /** The server has welcomed whoever dials. */
  public void welcome() {
    sessions.values().forEach(session -> session.mailbox.run(session::welcomed));
  }

  private static Refusal busy() {
    return new Refusal(503, "too many sessions are being opened", 1);
  }

  private enum State {
    NEW,
    OPENING,
    LIVE,
    GONE
  }

  private final class Session {
    final FormerMailbox mailbox = new FormerMailbox(Runnable::run);
    private final String id;
    private final List<Listener.Stream> waiting = new ArrayList<>();
    private State state = State.NEW;

    Session(String id) {
      this.id = id;
    }

    void listen(Listener.Stream stream) {
      openIfNew();
      admit(stream);
    }

    void welcomed() {
      state = State.LIVE;
      List.copyOf(waiting).forEach(this::attach);
      waiting.clear();
    }

    private void openIfNew() {
      if (state == State.NEW) {
        state = State.OPENING;
        if (!dials.getAsBoolean()) {
          ended();
        }
      }
    }

    private void admit(Listener.Stream stream) {
      if (state == State.OPENING) {
        waiting.add(stream);
      } else {
        attach(stream);
      }
    }

    private void ended() {
      state = State.GONE;
      waiting.forEach(stream -> stream.refused(busy()));
      waiting.clear();
      sessions.remove(id, this);
    }

    private void attach(Listener.Stream stream) {
      stream.accepted(new Listener.Acceptance(id, null, null), null);
    }
  }
}
