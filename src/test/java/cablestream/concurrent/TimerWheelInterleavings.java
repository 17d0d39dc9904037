package cablestream.concurrent;

import static cablestream.stress.Threads.together;

import cablestream.stress.Interleavings;
import org.junit.jupiter.api.Test;

/** Timers that are set and cancelled while the wheel turns: the scenario makes it tick. */
class TimerWheelInterleavings {
  private static final class Task implements Runnable {
    private volatile int fired;

    @Override
    public void run() {
      fired = fired + 1;
    }
  }

  @Test
  void eachTimerThatIsSetWhileTheWheelTurnsFiresOnce() {
    Interleavings.noneFails(
        () -> {
          TimerWheel wheel = wheel();
          Task soon = new Task();
          Task later = new Task();
          together(
              () -> wheel.after(0, soon),
              () -> wheel.after(300, later),
              () -> {
                wheel.tick();
                wheel.tick();
              });
          for (int i = 0; i < 3; i++) {
            wheel.tick();
          }
          require(soon.fired == 1 && later.fired == 1, "not fired once");
        });
  }

  @Test
  void aTimerThatIsCancelledAsItFiresDoesSoOnceAtMostAndStopsNoOther() {
    Interleavings.noneFails(
        () -> {
          TimerWheel wheel = wheel();
          Task doubtful = new Task();
          Task other = new Task();
          Timers.Timer timer = wheel.after(200, doubtful);
          wheel.after(200, other);
          together(timer::cancel, wheel::tick);
          int fired = doubtful.fired;
          wheel.tick();
          wheel.tick();
          require(doubtful.fired == fired && fired <= 1, "fired after it was cancelled");
          require(other.fired == 1, "another was lost");
        });
  }

  private static TimerWheel wheel() {
    return new TimerWheel(2, turning -> new Thread(() -> {}));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
