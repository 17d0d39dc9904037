package cablestream.echo;

import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Greets and pings like an ActionCable server, says again whatever it is told, one frame at a time
 * as its visitor takes them, and ends after a minute. Inside its mailbox only.
 */
public final class EchoTrial {
  /** The other end. */
  public interface Visitor {
    /** Takes a frame, of UTF-8; {@link EchoTrial#ready} asks for the next. */
    void say(byte[] frame);

    /** Nothing follows; {@link EchoTrial#leave} gives back what the trial has cost. */
    void over(String reason);
  }

  /** As Rails does (action_cable/server/connections.rb). */
  private static final long PING_MILLIS = 3_000;

  static final long LIFETIME_MILLIS = 60_000;

  /** A larger frame is too much, in bytes. */
  public static final int MAX_FRAME = 4 * 1024;

  private static final int MAX_WAITING = 64 * 1024;
  private static final String TOO_MUCH = "too much for a trial";

  private final Mailbox mailbox;
  private final Holder holder;
  private final Visitor visitor;
  private final FairShares<EchoTrial> held;
  private final String network;
  private final Alarm ping;
  private final Alarm lifetime;
  private final Deque<byte[]> waiting = new ArrayDeque<>(2);
  private int waitingBytes;
  private boolean wanted;
  private boolean over;

  /**
   * @param held this among the others
   * @param network the visitor's
   */
  EchoTrial(
      Mailbox mailbox,
      Timers timers,
      Holder holder,
      Visitor visitor,
      FairShares<EchoTrial> held,
      String network) {
    this.mailbox = mailbox;
    this.holder = holder;
    this.visitor = visitor;
    this.held = held;
    this.network = network;
    ping = new Alarm(timers, mailbox);
    lifetime = new Alarm(timers, mailbox);
  }

  void begin() {
    held.put(network, this, 1);
    if (!say("{\"type\":\"welcome\"}".getBytes(StandardCharsets.UTF_8))) {
      end(EchoTrials.TOO_MANY);
      return;
    }
    ping.set(PING_MILLIS, this::ping);
    lifetime.set(LIFETIME_MILLIS, () -> end("the trial is over"));
  }

  public boolean isOver() {
    return over;
  }

  /** The visitor takes one frame more. */
  public void ready() {
    wanted = true;
    mailbox.run(this::deliver);
  }

  /**
   * The visitor has said something.
   *
   * @return whether it will be said again; else the trial is over
   */
  public boolean heard(byte[] frame) {
    if (!over && (frame.length > MAX_FRAME || !say(frame))) {
      end(TOO_MUCH);
    }
    return !over;
  }

  /** The visitor has gone, with all that was kept for it. */
  public void leave() {
    stop();
    held.remove(network, this);
    holder.close();
  }

  /** Ends, as another has no room. Any thread. */
  void giveWay() {
    mailbox.run(
        () -> {
          if (!over) {
            end(EchoTrials.TOO_MANY);
          }
          holder.close();
        });
  }

  private void ping() {
    // Whoever doesn't take the last one needs no other.
    if (waiting.isEmpty()) {
      long now = System.currentTimeMillis() / 1_000;
      say(("{\"type\":\"ping\",\"message\":" + now + "}").getBytes(StandardCharsets.UTF_8));
    }
    ping.set(PING_MILLIS, this::ping);
  }

  private boolean say(byte[] frame) {
    if (waitingBytes + frame.length > MAX_WAITING
        || !holder.take(Kind.TRIAL, Weights.ofBytes(frame.length))) {
      return false;
    }
    waiting.add(frame);
    waitingBytes += frame.length;
    mailbox.run(this::deliver);
    return true;
  }

  private void deliver() {
    if (!over && wanted && !waiting.isEmpty()) {
      wanted = false;
      byte[] frame = waiting.remove();
      waitingBytes -= frame.length;
      holder.giveBack(Kind.TRIAL, Weights.ofBytes(frame.length));
      visitor.say(frame);
    }
  }

  private void end(String reason) {
    stop();
    mailbox.run(() -> visitor.over(reason));
  }

  private void stop() {
    over = true;
    waiting.clear();
    ping.clear();
    lifetime.clear();
  }
}
