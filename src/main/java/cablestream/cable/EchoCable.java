package cablestream.cable;

import cablestream.session.Alarm;
import cablestream.session.Cable;
import cablestream.session.CableEnding;
import cablestream.session.DialRequest;
import cablestream.session.Mailbox;
import cablestream.session.Timers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * A cable to nowhere, for the page that tries a visitor's network: it greets and pings like an
 * ActionCable server, says again whatever it is told, and after a minute it ends. Only in tunnels.
 */
final class EchoCable implements Cable {
  /** As Rails does (action_cable/server/connections.rb). */
  static final long PING_MILLIS = 3_000;

  static final long LIFETIME_MILLIS = 60_000;
  static final int MOST_FRAME = 4 * 1024;
  static final int MOST_WAITING = 64 * 1024;

  private final Owner owner;
  private final Mailbox mailbox;
  private final Alarm ping;
  private final Alarm lifetime;
  private final Deque<byte[]> waiting = new ArrayDeque<>(2);
  private int waitingBytes;
  private boolean open;
  private boolean demanded;

  EchoCable(Owner owner, Mailbox mailbox, Timers timers) {
    this.owner = owner;
    this.mailbox = mailbox;
    ping = new Alarm(timers, mailbox);
    lifetime = new Alarm(timers, mailbox);
  }

  @Override
  public void open(DialRequest request) {
    open = true;
    say("{\"type\":\"welcome\"}".getBytes(StandardCharsets.UTF_8));
    ping.set(PING_MILLIS, this::ping);
    lifetime.set(LIFETIME_MILLIS, () -> end("the trial is over"));
    mailbox.run(() -> owner.welcomed(false));
  }

  @Override
  public void use(DialRequest request) {
    // Nobody is dialled.
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void demand() {
    demanded = true;
    mailbox.run(this::deliver);
  }

  @Override
  public void send(String frame, Consumer<String> done) {
    byte[] text = frame.getBytes(StandardCharsets.UTF_8);
    if (!open) {
      done.accept("the trial is over");
    } else if (text.length > MOST_FRAME || waitingBytes + text.length > MOST_WAITING) {
      done.accept("too much for a trial");
      end("too much for a trial");
    } else {
      done.accept(null);
      say(text);
    }
  }

  @Override
  public int unsentBytes() {
    return 0;
  }

  @Override
  public void close(int code, String reason) {
    open = false;
    waiting.clear();
    ping.clear();
    lifetime.clear();
  }

  private void ping() {
    // Whoever doesn't read needs no second ping.
    if (waiting.isEmpty()) {
      long now = System.currentTimeMillis() / 1_000;
      say(("{\"type\":\"ping\",\"message\":" + now + "}").getBytes(StandardCharsets.UTF_8));
    }
    ping.set(PING_MILLIS, this::ping);
  }

  private void say(byte[] frame) {
    waiting.add(frame);
    waitingBytes += frame.length;
    mailbox.run(this::deliver);
  }

  private void deliver() {
    if (open && demanded && !waiting.isEmpty()) {
      demanded = false;
      byte[] frame = waiting.remove();
      waitingBytes -= frame.length;
      owner.frame(frame);
    }
  }

  private void end(String reason) {
    if (open) {
      close(1000, reason);
      mailbox.run(
          () ->
              owner.ended(
                  new CableEnding(CableEnding.Kind.CLOSED, "closed", reason, 1000, reason)));
    }
  }
}
