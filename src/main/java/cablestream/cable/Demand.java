package cablestream.cable;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import java.time.Duration;

/**
 * The one demand for a frame that an open cable may have outstanding. While it has one it is being
 * read, and only then does silence mean anything. What has come and waits to be read isn't silence:
 * on a machine that is short of processor time a cable must not be dropped, and dialled anew, for
 * what the bridge itself is late with. Inside the mailbox only.
 */
final class Demand {
  private final Timers timers;
  private final Runnable silent;

  /** Not set anew for each frame: when it goes off early, it is set for what is left. */
  private final Alarm alarm;

  private CableLink link;
  private Duration patience;
  private boolean outstanding;
  private long quietSince;
  private int progress;

  /**
   * @param silent called when nothing has come for too long
   */
  Demand(Timers timers, Mailbox mailbox, Runnable silent) {
    this.timers = timers;
    this.silent = silent;
    alarm = new Alarm(timers, mailbox);
  }

  /** The cable is open; nothing is demanded yet. */
  void begin(CableLink link, Duration patience) {
    this.link = link;
    this.patience = patience;
    outstanding = false;
    progress = link.progress();
  }

  /** The cable isn't open any more. */
  void end() {
    link = null;
    alarm.clear();
  }

  void make() {
    if (link == null || outstanding) {
      return;
    }
    outstanding = true;
    quietSince = timers.nanoTime();
    if (!alarm.isSet()) {
      alarm.set(patience.toMillis(), this::listen);
    }
    link.demand();
  }

  void satisfy() {
    outstanding = false;
  }

  /** From now on silence may last so long. */
  void expect(Duration patience) {
    this.patience = patience;
  }

  private void listen() {
    if (!outstanding) {
      return; // the next demand sets the alarm
    }
    int read = link.progress();
    if (read != progress || link.hasUnread()) {
      progress = read;
      quietSince = timers.nanoTime();
    }
    long left = ReconnectPolicy.left(patience, quietSince, timers.nanoTime());
    if (left > 0) {
      alarm.set(left, this::listen);
    } else {
      silent.run();
    }
  }
}
