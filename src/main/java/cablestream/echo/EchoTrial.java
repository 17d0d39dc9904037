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
 * Greets and pings like an Action Cable server, echoes every frame, one at a time as its visitor
 * reads them, and ends after a minute. Inside its mailbox only.
 */
public final class EchoTrial {
  /** The browser's side of a trial. */
  public interface Visitor {
    /** Sends a frame of UTF-8; {@link EchoTrial#ready} requests the next one. */
    void send(byte[] frame);

    /** The trial has ended, and nothing follows; {@link EchoTrial#leave} releases its memory. */
    void ended(String reason);
  }

  /** The interval of Rails (action_cable/server/connections.rb). */
  private static final long PING_MILLIS = 3_000;

  static final long LIFETIME_MILLIS = 60_000;

  /** The largest frame, in bytes; a larger one ends the trial. */
  public static final int MAX_FRAME = 4 * 1024;

  private static final int MAX_WAITING = 64 * 1024;
  private static final String TOO_MUCH = "the limit of a trial is exceeded";

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
   * @param held all trials, this one included
   * @param network the visitor's network
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
    if (!enqueue("{\"type\":\"welcome\"}".getBytes(StandardCharsets.UTF_8))) {
      end(EchoTrials.TOO_MANY);
      return;
    }
    ping.set(PING_MILLIS, this::ping);
    lifetime.set(LIFETIME_MILLIS, () -> end("the trial is over"));
  }

  public boolean isOver() {
    return over;
  }

  /** The visitor can receive one more frame; without effect until it has. */
  public void ready() {
    if (!wanted) {
      wanted = true;
      mailbox.run(this::deliver);
    }
  }

  /**
   * A frame from the visitor.
   *
   * @return whether it will be echoed; otherwise the trial has ended
   */
  public boolean received(byte[] frame) {
    if (!over && (frame.length > MAX_FRAME || !enqueue(frame))) {
      end(TOO_MUCH);
    }
    return !over;
  }

  /** The visitor has disconnected, and its memory can be released. */
  public void leave() {
    stop();
    held.remove(network, this);
    holder.close();
  }

  /** Ends this trial to make room for another. Any thread. */
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
    // A visitor that hasn't read the last ping gets no other.
    if (waiting.isEmpty()) {
      long now = System.currentTimeMillis() / 1_000;
      enqueue(("{\"type\":\"ping\",\"message\":" + now + "}").getBytes(StandardCharsets.UTF_8));
    }
    ping.set(PING_MILLIS, this::ping);
  }

  private boolean enqueue(byte[] frame) {
    if (waitingBytes + frame.length > MAX_WAITING
        || !holder.reserve(Kind.TRIAL, Weights.ofBytes(frame.length))) {
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
      holder.release(Kind.TRIAL, Weights.ofBytes(frame.length));
      visitor.send(frame);
    }
  }

  private void end(String reason) {
    stop();
    mailbox.run(() -> visitor.ended(reason));
  }

  private void stop() {
    over = true;
    waiting.clear();
    ping.clear();
    lifetime.clear();
  }
}
