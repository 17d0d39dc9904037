package cablestream.session;

import static cablestream.stress.Threads.together;

import cablestream.browser.Listener;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.stress.Interleavings;
import cablestream.support.Defaults;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Callers that open sessions concurrently, with a single place left for a dial, and while the
 * bridge ends.
 */
class SessionManagerInterleavings {
  private static final String OTHER_ID = "fedcba9876543210";
  private static final long HEAP = 256 << 20;

  /**
   * A bridge whose tasks run on the calling thread, whose time stands still, and which admits one
   * dial.
   */
  private static final class Place implements Cable.Dialer, Timers {
    final SessionManager manager;

    /** Not a java.util.Random: Lincheck replaces its methods, and then fails in nextLong(bound). */
    private final AtomicLong random = new AtomicLong();

    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile FakeCable dialling;

    Place() {
      manager =
          new SessionManager(
              new Environment(
                  "node",
                  Defaults.limits(),
                  new Environment.Execution(
                      this,
                      () -> Instant.EPOCH,
                      Runnable::run,
                      () -> random.addAndGet(0x9E3779B97F4A7C15L)),
                  this,
                  Observer.NONE,
                  new Account(HEAP, HEAP / 4),
                  15 * 1_024));
    }

    RecordingStream listen(String id) {
      return listen(id, Mode.CHANNELS);
    }

    RecordingStream listen(String id, Mode mode) {
      RecordingStream stream = new RecordingStream();
      listen(id, mode, stream);
      return stream;
    }

    void listen(String id, Listener.Stream stream) {
      listen(id, Mode.CHANNELS, stream);
    }

    private void listen(String id, Mode mode, Listener.Stream stream) {
      manager.listen(new SessionRequest(id, SessionHarness.ALICE, mode, null), 0, stream);
    }

    @Override
    public boolean accepts() {
      return !taken.get();
    }

    @Override
    public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
      return new FakeCable(owner, mailbox) {
        @Override
        public void open(DialRequest request, String network) {
          if (taken.getAndSet(true)) {
            ends(CableEnding.Kind.BUSY, "busy");
          } else {
            dialling = this;
          }
        }
      };
    }

    @Override
    public Timer after(long milliseconds, Runnable task) {
      return () -> {};
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long lateMillis() {
      return 0;
    }
  }

  @Test
  void ofTwoThatOpenAtOnceWhereOneMayDialTheOtherIsRefusedAndLeavesNoSession() {
    Interleavings.noneFails(() -> openTwoWhereOneMayDial(new Place()));
  }

  private static void openTwoWhereOneMayDial(Place place) {
    RecordingStream[] streams = {new RecordingStream(), new RecordingStream()};
    together(
        () -> place.listen(SessionHarness.ID, streams[0]),
        () -> place.listen(OTHER_ID, streams[1]));
    require(place.manager.size() == 1, "a session without a dial keeps its place");
    place.dialling.welcomes();
    int refused = 0;
    for (RecordingStream stream : streams) {
      refused += stream.refusal != null ? 1 : 0;
      require(stream.refusal == null ^ stream.acceptance == null, "not one answer");
    }
    require(refused == 1, "not one refused");
  }

  @Test
  void ofTwoTunnelsThatOpenAtOnceWhereOneMayDialTheOtherKeepsNoPlace() {
    Interleavings.noneFails(
        () -> {
          Place place = new Place();
          together(
              () -> place.listen(SessionHarness.ID, Mode.TUNNEL),
              () -> place.listen(OTHER_ID, Mode.TUNNEL));
          require(place.manager.size() == 1, "a session without a dial keeps its place");
        });
  }

  @Test
  void twoThatOpenTheSameSessionAtOnceMeetInOne() {
    Interleavings.noneFails(
        () -> {
          Place place = new Place();
          RecordingStream[] streams = new RecordingStream[2];
          together(
              () -> streams[0] = place.listen(SessionHarness.ID),
              () -> streams[1] = place.listen(SessionHarness.ID));
          require(place.manager.size() == 1, "not one session");
          place.dialling.welcomes();
          for (RecordingStream stream : streams) {
            // The second caller may find no place for a dial before there is a session to join.
            require(stream.refusal == null ^ stream.acceptance == null, "not one answer");
          }
        });
  }

  @Test
  void whatIsOpenedWhileTheBridgeEndsEndsWithIt() {
    Interleavings.noneFails(
        () -> {
          Place place = new Place();
          RecordingStream[] stream = new RecordingStream[1];
          together(() -> stream[0] = place.listen(SessionHarness.ID), place.manager::close);
          require(place.manager.size() == 0, "a session outlives the bridge");
          // A stream that is too late is told when to reconnect, instead of being refused.
          require(
              stream[0].postponed != null || stream[0].finished || stream[0].aborted,
              "its listener waits for ever");
        });
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
