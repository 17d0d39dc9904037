package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.Refusal;
import cablestream.cable.CableEnding;
import cablestream.delivery.EventPublisher;
import cablestream.delivery.LastEvents;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.memory.Kind;
import cablestream.protocol.PendingBatch.Slot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** ActionCable's own frames, byte for byte in both directions; protocol section 9. */
public final class Tunnel implements Protocol {
  /** What a WebSocket says that was lost without a close frame (RFC 6455, 7.4.1). */
  private static final int ABNORMAL = 1006;

  private static final String CLOSED = "the tunnel is closed";
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;

  /**
   * A well-behaved client has one POST in flight, which is answered when the cable has taken it;
   * this many times the limit of unsent bytes is more than that, whatever the POST's size.
   */
  private static final int MOST_WAITING_POSTS = 8;

  private static final Refusal MISMATCH =
      new Refusal(409, "this session is a tunnel: repeat its protocol parameter");

  private final SessionContext session;
  private final EventPublisher events;
  private final EventEncoder encoder;
  private final String protocol;
  private final Deque<Slot> held = new ArrayDeque<>(1);
  private long heldBytes;
  private boolean open;
  private boolean closed;

  public Tunnel(SessionContext session, String protocol) {
    this.session = session;
    events = session.events();
    encoder = events.encoder();
    this.protocol = protocol;
  }

  @Override
  public Refusal mismatch() {
    return MISMATCH;
  }

  /** Its client waits for the welcome itself. */
  @Override
  public boolean waitsForWelcome() {
    return false;
  }

  @Override
  public boolean comesBack() {
    return false;
  }

  @Override
  public Event greeting(long position, boolean resumed) {
    return encoder.opened(position, protocol, resumed);
  }

  @Override
  public Event replaced() {
    return encoder.close(NORMAL, "replaced");
  }

  @Override
  public Event ended() {
    return encoder.close(NORMAL, "ended");
  }

  @Override
  public LastEvents moved(long retryMillis) {
    return LastEvents.of(encoder.close(GOING_AWAY, "moved"));
  }

  @Override
  public void drainAhead() {
    events.append(encoder.drain(events.nextNumber()));
  }

  /** Its client waits for a word: it can't resume elsewhere. */
  @Override
  public LastEvents drained(long retryMillis) {
    return LastEvents.of(encoder.close(GOING_AWAY, "drained"));
  }

  @Override
  public Event unresumable() {
    return broken("the cursor can't be resumed");
  }

  /**
   * The last event of a tunnel that can't go on as a WebSocket would: something would be missing.
   */
  private Event broken(String why) {
    return encoder.close(ABNORMAL, why);
  }

  @Override
  public void welcomed(boolean again) {
    open = true;
    takeHeld().forEach(this::write);
  }

  @Override
  public void frame(byte[] text) {
    events.append(encoder.frame(events.nextNumber(), text));
  }

  @Override
  public void unreadable(String why) {
    session.breakOff().accept(broken(why));
  }

  @Override
  public void dropped(String reason) {
    session.breakOff().accept(broken(reason));
  }

  @Override
  public Event cableEnded(CableEnding ending) {
    close();
    String reason =
        switch (ending.kind()) {
          case CLOSED, PATH_NOT_ALLOWED -> ending.closeReason();
          default -> ending.reason();
        };
    return encoder.close(ending.closeCode(), reason);
  }

  @Override
  public void close() {
    open = false;
    closed = true;
    takeHeld().forEach(slot -> slot.done(CLOSED));
  }

  @Override
  public void carryOut(PendingBatch batch) {
    batch.slots().forEach(this::write);
  }

  @Override
  public List<String> channels() {
    return List.of();
  }

  private void write(Slot slot) {
    if (!(slot.command() instanceof Command.Frame frame)) {
      slot.done("a command doesn't belong in a tunnel");
      return;
    }
    if (closed) {
      slot.done(CLOSED);
      return;
    }
    slot.handedOver();
    long waiting = open ? session.cable().unsentBytes() : heldBytes;
    boolean room = waiting <= (long) MOST_WAITING_POSTS * session.limits().maxUnsentBytes();
    if (room && open && session.cable().send(frame.text(), slot::done)) {
      slot.drop();
    } else if (room && !open && session.holder().take(Kind.COMMAND, frame.size())) {
      heldBytes += frame.size();
      slot.hold();
      held.add(slot);
    } else {
      slot.done("the cable is busy");
      session.breakOff().accept(broken("busy"));
    }
  }

  private Deque<Slot> takeHeld() {
    Deque<Slot> taken = new ArrayDeque<>(held);
    held.clear();
    session.holder().giveBack(Kind.COMMAND, heldBytes);
    heldBytes = 0;
    taken.forEach(Slot::release);
    return taken;
  }
}
