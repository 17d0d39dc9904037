package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.Refusal;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.delivery.LastEvents;
import cablestream.delivery.Listeners;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.protocol.PendingBatch.Slot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Action Cable's own frames, unchanged in both directions; protocol section 9. */
final class Tunnel implements Protocol {
  /** The close code of a WebSocket that was lost without a close frame (RFC 6455, 7.4.1). */
  private static final int ABNORMAL = 1006;

  private static final String CLOSED = "the tunnel is closed";
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;

  /**
   * A well-behaved client has one POST in progress, which is answered when the cable has accepted
   * it; this multiple of the limit of unsent bytes exceeds that for any POST.
   */
  private static final int MAX_WAITING_POSTS = 8;

  private static final Refusal MISMATCH =
      new Refusal(409, "this session is a tunnel: repeat its protocol parameter");

  private final String protocol;
  private final Outgoing outgoing;
  private final Listeners listeners;
  private final EventEncoder encoder;
  private final Consumer<Event> breakOff;
  private final Deque<Slot> held = new ArrayDeque<>(1);
  private boolean open;
  private boolean closed;

  /**
   * @param protocol the subprotocol that its client expects
   * @param breakOff ends the session with this as its last event, if the client would otherwise
   *     miss data that it requires
   */
  Tunnel(
      String protocol,
      Outgoing outgoing,
      Listeners listeners,
      EventEncoder encoder,
      Consumer<Event> breakOff) {
    this.protocol = protocol;
    this.outgoing = outgoing;
    this.listeners = listeners;
    this.encoder = encoder;
    this.breakOff = breakOff;
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
    listeners.append(encoder.drain(listeners.nextNumber()));
  }

  /** Its client needs an event: it can't resume on another node. */
  @Override
  public LastEvents drained(long retryMillis) {
    return LastEvents.of(encoder.close(GOING_AWAY, "drained"));
  }

  @Override
  public Event unresumable() {
    return broken("the cursor can't be resumed");
  }

  /**
   * The last event of a tunnel that can't continue as a WebSocket would, because data is missing.
   */
  private Event broken(String why) {
    return encoder.close(ABNORMAL, why);
  }

  @Override
  public void opened() {
    open = true;
    outgoing.release(held).forEach(this::write);
  }

  @Override
  public void frame(CableFrame frame) {
    Event event = encoder.frame(listeners.nextNumber(), frame.text());
    if (event == null) {
      breakOff.accept(broken("no memory for a frame"));
    } else {
      listeners.append(event);
    }
  }

  @Override
  public void lost(String reason) {
    breakOff.accept(broken(reason));
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
    outgoing.release(held).forEach(slot -> slot.done(CLOSED));
  }

  @Override
  public void carryOut(PendingBatch batch) {
    batch.slots().forEach(this::write);
  }

  @Override
  public List<String> channels() {
    return List.of();
  }

  @Override
  public Map<String, String> channelNames() {
    return Map.of();
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
    boolean room = !outgoing.isBusyWith(0, MAX_WAITING_POSTS);
    boolean sent = room && open && outgoing.send(frame.text(), slot::done);
    if (sent) {
      slot.drop();
    } else if (open || !room || !outgoing.hold(held, slot)) {
      slot.done("the cable is busy");
      breakOff.accept(broken("busy"));
    }
  }
}
