package cablestream.bench.load;

import cablestream.bench.wire.Message;
import cablestream.bench.wire.ReactorConnection;

/** One simulated browser: a session with one subscription. On the reactor's thread only. */
abstract class LoadClient implements ReactorConnection.Handler {
  /** The callbacks of an opening. */
  interface Progress {
    /** The session is open: a bridge has sent {@code joined}, a cable {@code welcome}. */
    void opened(LoadClient client, long now);

    void subscribed(LoadClient client);

    /** It couldn't be opened or subscribed. */
    void failed(LoadClient client, String why);
  }

  private final int number;
  private final Recorder recorder;
  private final Message.Reader reader = new Message.Reader();
  private final Sequence sequence = new Sequence();
  private Progress progress;

  /** Null if it doesn't reconnect. */
  private Herd herd;

  private boolean opened;
  private boolean isSubscribed;
  private boolean stalled;
  private boolean timed = true;
  private long echoes;

  LoadClient(int number, Recorder recorder) {
    this.number = number;
    this.recorder = recorder;
  }

  /** Opens the session; {@code newProgress} receives the outcome. */
  final void open(Progress newProgress) {
    progress = newProgress;
    connect();
  }

  abstract void connect();

  /** Subscribes; the outcome goes to the {@link Progress}. */
  abstract void subscribe();

  /** Sends a message that is echoed. */
  abstract void echo(Message message, long at, long number);

  /** Sends a DELETE, if the transport has one. The connection remains until {@link #close}. */
  abstract void farewell();

  abstract void close();

  abstract ReactorConnection connection();

  /** Sends the next echo, due at a time. */
  final void echo(Message message, long at) {
    echo(message, at, ++echoes);
  }

  /** Stops or resumes reading; messages delayed by it don't count as latency. */
  final void stall(boolean stop) {
    stalled = stop;
    timed = false;
    connection().pause(stop);
  }

  final boolean isStalled() {
    return stalled;
  }

  final boolean isSubscribed() {
    return isSubscribed;
  }

  final int number() {
    return number;
  }

  final Sequence sequence() {
    return sequence;
  }

  final Recorder recorder() {
    return recorder;
  }

  final void opened(long now) {
    if (!opened) {
      opened = true;
      progress.opened(this, now);
    }
  }

  final void confirmed() {
    if (!isSubscribed) {
      isSubscribed = true;
      progress.subscribed(this);
    }
  }

  /** From now on it reconnects whenever it has lost its session, as a browser does. */
  final void comeBackBy(Herd newHerd) {
    herd = newHerd;
  }

  /** The retry time of an EventSource, in milliseconds. */
  long retryMillis() {
    return 0;
  }

  /** Discards its state before it is opened again. */
  void renew() {
    close();
    opened = false;
    isSubscribed = false;
  }

  final void fail(String why) {
    if (herd != null) {
      herd.lost(this, why);
    } else if (isSubscribed) {
      recorder.broken();
    } else {
      progress.failed(this, why);
    }
  }

  /** Its subscription was lost with the cable; the bridge renews it once the server is back. */
  final void interrupted(String why) {
    if (herd == null) {
      fail(why);
    } else {
      isSubscribed = false;
      herd.interrupted(this);
    }
  }

  @Override
  public void lost(String why) {
    fail("the connection was lost: " + why);
  }

  /**
   * Counts the message that begins at or after a position.
   *
   * @return the position from which to look for the next one; -1 if there is none
   */
  final int message(byte[] bytes, int from, int to, long now) {
    try {
      if (!reader.read(bytes, from, to)) {
        return -1;
      }
      if (reader.client() == number) {
        sequence.observe(reader.number());
        if (herd != null) {
          herd.heard(this, now);
        }
        recorder.event(reader.at(), now, timed);
      } else {
        recorder.foreign();
      }
      return reader.end();
    } catch (IllegalArgumentException e) {
      recorder.malformed();
      return to;
    }
  }

  final String identifier() {
    return "{\"channel\":\"BenchChannel\",\"client\":" + number + "}";
  }
}
