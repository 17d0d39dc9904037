package cablestream.bench.server;

import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.nio.ByteBuffer;

/**
 * Sends to each subscriber as fast as its socket accepts, in rounds, so that none starves; each
 * event carries the time when it was written.
 */
final class FloodSending implements Sending {
  private static final int WRITES_PER_ROUND = 4;

  private final Subscriber[] subscribers;
  private final Message message;
  private final ByteBuffer buffer;
  private final int framesPerWrite;
  private final long end;
  private boolean over;

  FloodSending(
      Subscriber[] subscribers, Message message, int framesPerWrite, double seconds, long start) {
    if (subscribers.length == 0) {
      throw new IllegalStateException("nobody has subscribed");
    }
    this.subscribers = subscribers;
    this.message = message;
    this.framesPerWrite = framesPerWrite;
    this.buffer = Sending.sharedBuffer(message.size(), framesPerWrite);
    this.end = start + (long) (seconds * 1e9);
    for (int i = 0; i < subscribers.length; i++) {
      subscribers[i].startSending(i);
    }
  }

  @Override
  public long advance(long now) {
    over = now >= end;
    if (over) {
      return Reactor.Ticker.NEVER;
    }
    boolean anyClear = false;
    for (Subscriber subscriber : subscribers) {
      for (int i = 0; i < WRITES_PER_ROUND && subscriber.isClear(); i++) {
        write(subscriber);
      }
      anyClear |= subscriber.isClear();
    }
    return anyClear ? now : end;
  }

  private void write(Subscriber subscriber) {
    long now = System.nanoTime();
    buffer.clear();
    for (int i = 0; i < framesPerWrite; i++) {
      subscriber.put(buffer, message, now);
    }
    subscriber.write(buffer.flip());
  }

  @Override
  public boolean isExact() {
    return false;
  }

  @Override
  public void resume(Subscriber subscriber) {
    // The next round follows after each turn of the reactor.
  }

  @Override
  public boolean isOver(long now) {
    return over;
  }

  @Override
  public long unsent() {
    return 0;
  }

  @Override
  public boolean isSettled() {
    for (Subscriber subscriber : subscribers) {
      if (!subscriber.isClear() && !subscriber.isLost()) {
        return false;
      }
    }
    return true;
  }
}
