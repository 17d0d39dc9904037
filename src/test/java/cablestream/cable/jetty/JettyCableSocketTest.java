package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.RecordingEvents;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Jetty reports the end on the thread that aborts, even while another thread is reporting that the
 * socket is open: the socket must not report its close before its opening. After an abort, Jetty
 * delivers what it had read without demand; that must not be reported.
 */
class JettyCableSocketTest {
  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final RecordingEvents events = new RecordingEvents();
  private final Account account = new Account(64 << 20, 8 << 20);
  private final JettyCableSocket socket =
      new JettyCableSocket(events, 1 << 20, account, scheduler, this::startThread);

  private void startThread(Runnable task) {
    new Thread(task, "reader").start();
  }

  @AfterEach
  void stop() throws Exception {
    scheduler.stop();
  }

  private void ends() {
    socket.abort();
    socket.onClosed(new CloseStatus(1001, "draining"), Callback.NOOP);
  }

  @Test
  void oneThatEndsBeforeItIsToldThatItIsOpenHasNeverBeenOpen() {
    socket.onOpen(new CoreSession.Empty(), Callback.from(this::ends));

    assertThat(events.next()).startsWith("unreachable");
    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void oneThatEndsWhileThatIsToldIsClosedAfterwards() {
    CoreSession session =
        new CoreSession.Empty() {
          @Override
          public String getNegotiatedSubProtocol() {
            ends();
            return "actioncable-v1-json";
          }
        };

    socket.onOpen(session, Callback.NOOP);

    assertThat(events.next()).isEqualTo("opened actioncable-v1-json");
    assertThat(events.next()).isEqualTo("closed 1001 draining");
    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void whatComesAfterAnAbortIsNotTold() {
    socket.onOpen(new CoreSession.Empty(), Callback.NOOP);
    assertThat(events.next()).startsWith("opened");

    socket.abort();
    comesUndemanded();

    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void whatComesOnceTheDialHasFailedIsNotTold() {
    socket.failed(new TimeoutException());
    assertThat(events.next()).startsWith("unreachable");

    socket.onOpen(new CoreSession.Empty(), Callback.NOOP);
    comesUndemanded();

    assertThat(events.isEmpty()).isTrue();
  }

  /** Jetty reports a failure to write on the thread that writes, while another one reads. */
  @Test
  void anEndWhileAPartIsAddedLeavesNothingReserved() {
    socket.onOpen(new CoreSession.Empty(), Callback.NOOP);
    socket.onFrame(
        new Frame(OpCode.TEXT, false, "part") {
          @Override
          public ByteBuffer getPayload() {
            ends();
            return super.getPayload();
          }
        },
        Callback.NOOP);

    assertThat(account.used()).isZero();
  }

  /** All dials and closes share the scheduler's thread. */
  @Test
  void aFrameThatWaitedForRoomIsNotDeliveredOnTheSchedulersThread() throws Exception {
    scheduler.start();
    socket.onOpen(new CoreSession.Empty(), Callback.NOOP);
    assertThat(events.next()).startsWith("opened");
    account.force(Kind.LOG, 64 << 20);
    socket.onFrame(new Frame(OpCode.TEXT, true, "x".repeat(100_000)), Callback.NOOP);
    assertThat(events.isEmpty()).isTrue();

    account.release(Kind.LOG, 64 << 20);

    assertThat(events.next()).isEqualTo("text 100000");
    assertThat(events.thread.getName()).isEqualTo("reader");
  }

  private void comesUndemanded() {
    socket.onFrame(new Frame(OpCode.TEXT, true, "text"), Callback.NOOP);
    socket.onFrame(new Frame(OpCode.BINARY, true, "binary"), Callback.NOOP);
  }
}
