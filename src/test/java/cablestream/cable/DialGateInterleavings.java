package cablestream.cable;

import static cablestream.stress.Threads.together;

import cablestream.stress.Interleavings;
import cablestream.support.FakeTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Sessions that concurrently dial, wait and give up, at a gate with one place and room for one
 * waiting dial.
 */
class DialGateInterleavings {
  /** A session with its dial, which proceeds once the gate has called it. */
  private static final class Caller {
    private final DialGate gate;
    private final boolean again;
    private volatile int called;
    private DialGate.Turn turn;

    Caller(DialGate gate, boolean again) {
      this.gate = gate;
      this.again = again;
    }

    void ask() {
      turn = gate.ask(again, "", () -> called = called + 1);
    }

    void askOnceWelcoming() {
      turn = gate.askOnceWelcoming("", () -> called = called + 1);
    }

    void askAndGiveUp() {
      ask();
      if (turn != null) {
        turn.end();
      }
    }

    /** Ends the dial if it has begun. */
    boolean end() {
      boolean dialled = called > 0;
      if (dialled) {
        turn.end();
      }
      return dialled;
    }
  }

  @Test
  void oneDialsAtATimeAndNoTurnIsLost() {
    Interleavings.noneFails(
        () -> {
          DialGate gate = gate();
          Caller a = new Caller(gate, false);
          Caller b = new Caller(gate, false);
          Caller back = new Caller(gate, true);
          together(a::ask, b::ask, back::ask);
          require(a.called + b.called + back.called == 1, "not one that dials");
          require(a.turn != null && b.turn != null || back.called == 1, "turned away too early");
          Caller first = a.called == 1 ? a : b.called == 1 ? b : back;
          together(first::end, first::end);
          require(a.called + b.called + back.called == 2, "not one more");
        });
  }

  @Test
  void whoGivesUpWhileItIsCalledTakesNoPlaceAlong() {
    Interleavings.noneFails(
        () -> {
          DialGate gate = gate();
          Caller dialling = new Caller(gate, false);
          dialling.ask();
          Caller waiting = new Caller(gate, false);
          Caller back = new Caller(gate, true);
          together(dialling::end, waiting::askAndGiveUp, back::ask);
          require(back.called == 1, "its turn was lost");
          Caller last = new Caller(gate, false);
          last.ask();
          require(last.called == 0, "two dial at once");
          back.end();
          require(last.called == 1, "the place was lost");
        });
  }

  @Test
  void oneThatIsHeldBackIsCalledOnceByTheWelcomeOrByItsOwnTime() {
    Interleavings.noneFails(
        () -> {
          DialGate gate = gate();
          Caller dialling = new Caller(gate, false);
          dialling.ask();
          Caller held = new Caller(gate, true);
          held.askOnceWelcoming();
          Caller gone = new Caller(gate, true);
          gone.askOnceWelcoming();
          together(dialling.turn::welcomed, held.turn::release, gone.turn::end);
          require(held.called == 1, "its turn was lost, or came twice");
          held.end();
          Caller last = new Caller(gate, false);
          last.ask();
          require(last.called == 1, "the place was lost");
        });
  }

  private static DialGate gate() {
    return new DialGate(1, 1, Duration.ofSeconds(10), new FakeTimers());
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
