package cablestream.cable.jetty;

import static cablestream.stress.Threads.together;

import cablestream.cable.CableSocket;
import cablestream.memory.Account;
import cablestream.stress.Interleavings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.junit.jupiter.api.Test;

/**
 * A session that reads, closes and gives up, while Jetty opens the socket and delivers frames on
 * another thread.
 */
class JettyCableSocketInterleavings {
  private static final int MAX = 64;

  /** Jetty's side, which enforces its rule: no demand while another one is outstanding. */
  private static final class FakeSession extends CoreSession.Empty {
    private boolean demanded;
    private boolean closed;
    private boolean aborted;
    private boolean twice;

    @Override
    public synchronized void demand() {
      twice |= demanded;
      demanded = true;
    }

    /** Whether it may deliver a frame. */
    synchronized boolean satisfy() {
      boolean had = demanded;
      demanded = false;
      return had;
    }

    @Override
    public synchronized void close(int code, String reason, Callback callback) {
      closed = true;
    }

    @Override
    public synchronized void abort() {
      aborted = true;
    }

    @Override
    public void sendFrame(OutgoingEntry entry) {
      entry.getCallback().succeeded();
    }
  }

  /** Time stands still. */
  private static final class Never extends AbstractLifeCycle implements Scheduler {
    @Override
    public Task schedule(Runnable task, long delay, TimeUnit unit) {
      return () -> true;
    }
  }

  /** The part of a session that reads one message after another, until it closes. */
  private static final class Owner implements CableSocket.Events {
    final FakeSession session = new FakeSession();
    final JettyCableSocket socket =
        new JettyCableSocket(this, MAX, Account.ofHeap(), new Never(), Runnable::run);
    int opened;
    int unreachable;
    int ended;
    private boolean left;

    /** One call at a time, as in a mailbox. */
    synchronized void demand() {
      if (!left) {
        socket.demand();
      }
    }

    synchronized void close() {
      left = true;
      socket.close(CloseStatus.NORMAL, "");
    }

    /** Delivers as many of the frames as are demanded. */
    void deliver(Frame... frames) {
      for (Frame frame : frames) {
        if (session.satisfy()) {
          socket.onFrame(frame, Callback.NOOP);
        }
      }
    }

    /** The server's response to a close. */
    void answer() {
      require(session.satisfy(), "its answer would never be read");
      socket.onFrame(new Frame(OpCode.CLOSE), Callback.NOOP);
      socket.onClosed(CloseStatus.NORMAL_STATUS, Callback.NOOP);
    }

    @Override
    public void opened(String protocol) {
      opened++;
    }

    @Override
    public void text(byte[] message) {
      demand();
    }

    @Override
    public void unreadable(int code, String why) {
      demand();
    }

    @Override
    public void refused(int status, String location) {
      throw new AssertionError();
    }

    @Override
    public void unreachable(String why) {
      unreachable++;
    }

    @Override
    public void closed(int code, String reason) {
      ended++;
    }
  }

  @Test
  void aCloseWhileMessagesComeCompletesAndNothingIsDemandedTwice() {
    Interleavings.noneFails(
        () -> {
          Owner owner = open();
          together(
              owner::demand,
              () ->
                  owner.deliver(
                      text("part", false),
                      new Frame(OpCode.PING),
                      rest("and end"),
                      text("more", true)),
              owner::close);
          require(!owner.session.twice, "demanded twice");
          require(owner.session.closed, "not closed");
          owner.answer();
          require(owner.ended == 1, "its end wasn't told once");
        });
  }

  @Test
  void aCloseDuringAMessageThatIsTooLargeCompletes() {
    Interleavings.noneFails(
        () -> {
          Owner owner = open();
          owner.demand();
          together(
              () -> owner.deliver(text("x".repeat(MAX + 1), false), rest("y"), text("z", true)),
              owner::close);
          require(!owner.session.twice, "demanded twice");
          owner.answer();
        });
  }

  @Test
  void aDialThatIsGivenUpWhileItOpensIsCutOff() {
    Interleavings.noneFails(
        () -> {
          Owner owner = new Owner();
          owner.socket.dialling(new CompletableFuture<>());
          together(() -> owner.socket.onOpen(owner.session, Callback.NOOP), owner.socket::abort);
          require(owner.session.aborted, "still connected");
          require(owner.opened + owner.unreachable == 1, "not one outcome");
        });
  }

  private static Owner open() {
    Owner owner = new Owner();
    owner.socket.dialling(new CompletableFuture<>());
    owner.socket.onOpen(owner.session, Callback.NOOP);
    return owner;
  }

  private static Frame text(String payload, boolean whole) {
    return new Frame(OpCode.TEXT, whole, payload);
  }

  private static Frame rest(String payload) {
    return new Frame(OpCode.CONTINUATION, true, payload);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
