package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;

import cablestream.cable.DialRequest.Header;
import cablestream.support.FakeTimers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An Action Cable server like Rails: it upgrades immediately, and then runs {@code connect} in a
 * few workers, in the order of the dials, even for those that the bridge has abandoned.
 */
final class SlowServer implements CableSocket.Dialer {
  private final FakeTimers timers;
  private final int workers;
  private Duration connect;
  private final Queue<Dial> queue = new ArrayDeque<>();
  private final Set<Dial> open = new HashSet<>();
  private int busy;
  private boolean down;
  private int process;

  /**
   * A dial with this query is never welcomed: Rails sends nothing after an exception in connect.
   */
  static final String FAULTY = "faulty";

  /** A dial with this query gets the status set by {@link #refuses}, whatever others get. */
  static final String UNWELCOME = "unwelcome";

  private int status;
  private int statusOfUnwelcome;

  int dials;

  SlowServer(FakeTimers timers, int workers, Duration connect) {
    this.timers = timers;
    this.workers = workers;
    this.connect = connect;
  }

  /** Stops the server and all its work; dials are refused. */
  void stops() {
    down = true;
    process++;
    busy = 0;
    queue.clear();
    List<Dial> lost = List.copyOf(open);
    open.clear();
    lost.forEach(dial -> dial.events.closed(1006, ""));
  }

  /**
   * @param connect its duration from now on
   */
  void starts(Duration connect) {
    down = false;
    status = 0;
    this.connect = connect;
  }

  /** The server, or a proxy before it, responds to each upgrade with this status. */
  void isStarting(int status) {
    down = false;
    this.status = status;
  }

  /** From now on dials with the query {@link #UNWELCOME} get this status. */
  void refuses(int status) {
    statusOfUnwelcome = status;
  }

  @Override
  public CableSocket dial(
      URI url, List<Header> headers, List<String> protocols, CableSocket.Events events) {
    Dial dial = new Dial(events);
    dials++;
    String query = url.getQuery();
    timers.after(1, () -> arrives(dial, query));
    return dial;
  }

  private void arrives(Dial dial, String query) {
    if (down) {
      dial.events.unreachable("connection refused");
      return;
    }
    int refusal = UNWELCOME.equals(query) && statusOfUnwelcome > 0 ? statusOfUnwelcome : status;
    if (refusal > 0) {
      dial.events.refused(refusal, null);
      return;
    }
    dial.events.opened("actioncable-v1-json");
    open.add(dial);
    if (!FAULTY.equals(query)) {
      queue.add(dial);
      work();
    }
  }

  private void work() {
    while (busy < workers && !queue.isEmpty()) {
      Dial dial = queue.remove();
      busy++;
      int mine = process;
      timers.after(connect.toMillis(), () -> finish(dial, mine));
    }
  }

  private void finish(Dial dial, int startedIn) {
    if (startedIn != process) {
      return;
    }
    busy--;
    if (!dial.closed) {
      dial.events.text("{\"type\":\"welcome\"}".getBytes(UTF_8));
    }
    work();
  }

  private final class Dial implements CableSocket {
    private final Events events;
    private boolean closed;

    private Dial(Events events) {
      this.events = events;
    }

    @Override
    public void close(int code, String reason) {
      closed = true;
      open.remove(this);
    }

    @Override
    public void abort() {
      close(1006, "");
    }

    @Override
    public void demand() {
      // It sends nothing but its welcome.
    }

    @Override
    public void releaseMessageRoom() {
      // Nothing is reserved here.
    }

    @Override
    public void releaseEventRoom() {
      // Nothing is reserved here.
    }

    @Override
    public void send(byte[] text, Consumer<String> done) {
      done.accept(null);
    }

    @Override
    public int progress() {
      return 0;
    }

    @Override
    public boolean hasUnread() {
      return true; // so that its silence doesn't count as a loss
    }
  }
}
