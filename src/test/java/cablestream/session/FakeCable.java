package cablestream.session;

import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Mailbox;
import cablestream.log.Identifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A cable without a server: the test acts as the server, and sees what is sent to it. */
class FakeCable implements Cable {
  final List<DialRequest> dials = new ArrayList<>();
  final List<String> sent = new ArrayList<>();
  DialRequest latest;
  Integer closeCode;
  CableEnding.Kind failsAtOnce;
  boolean demanded;
  boolean holdsWrites;
  int demands;

  private record Write(String frame, Consumer<String> done) {}

  private final List<Write> unsent = new ArrayList<>();
  private final Owner owner;
  private final Mailbox mailbox;
  private boolean open;

  FakeCable(Owner owner, Mailbox mailbox) {
    this.owner = owner;
    this.mailbox = mailbox;
  }

  @Override
  public void open(DialRequest request, String network) {
    dials.add(request);
    if (failsAtOnce != null) {
      ends(failsAtOnce, "busy");
    }
  }

  @Override
  public void use(DialRequest request) {
    latest = request;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void demand() {
    assert mailbox.isInside();
    if (open && !demanded) {
      demanded = true;
      demands++;
    }
  }

  @Override
  public void send(String frame, Consumer<String> done) {
    assert mailbox.isInside();
    if (holdsWrites) {
      unsent.add(new Write(frame, done));
    } else {
      sent.add(frame);
      done.accept(null);
    }
  }

  @Override
  public int unsentBytes() {
    return unsent.stream().mapToInt(write -> write.frame.length()).sum();
  }

  @Override
  public void close(int code, String reason) {
    closeCode = closeCode == null ? Integer.valueOf(code) : closeCode;
    open = false;
  }

  /** The turn of its dial has come while others wait; returns whether a client waits for it. */
  boolean isAwaited() {
    AtomicBoolean awaited = new AtomicBoolean();
    mailbox.run(() -> awaited.set(owner.isAwaited()));
    return awaited.get();
  }

  /** No client waits for its first dial, whose turn has come. */
  void isAbandoned() {
    mailbox.run(owner::abandoned);
  }

  void welcomes() {
    mailbox.run(
        () -> {
          if (closeCode != null) {
            return; // a closed cable reports nothing
          }
          open = true;
          demanded = false;
          owner.dialled(null, 0);
          owner.opened();
        });
  }

  void confirms(Identifier identifier) {
    frame(of(CableFrame.Type.CONFIRM_SUBSCRIPTION, identifier, null));
  }

  void rejects(Identifier identifier) {
    frame(of(CableFrame.Type.REJECT_SUBSCRIPTION, identifier, null));
  }

  void sends(Identifier identifier, String message) {
    frame(of(CableFrame.Type.MESSAGE, identifier, message));
  }

  /** The frame's bytes hold only the message. */
  private static CableFrame of(CableFrame.Type type, Identifier identifier, String message) {
    byte[] text = message == null ? new byte[0] : message.getBytes(StandardCharsets.UTF_8);
    return new CableFrame(type, identifier.json(), null, text, 0, text.length, null, false);
  }

  void sendsFrame(String text) {
    frame(CableFrame.opaque(text.getBytes(StandardCharsets.UTF_8)));
  }

  void sendsRubbish() {
    frame(() -> owner.frameDropped("not JSON"));
  }

  void breaks(String reason) {
    mailbox.run(
        () -> {
          open = false;
          List<Write> lost = List.copyOf(unsent);
          unsent.clear();
          lost.forEach(write -> write.done.accept("the cable was lost"));
          owner.lost(reason);
        });
  }

  /** A dial after a loss fails, and another will follow. */
  void failsToDial(CableEnding.Kind kind) {
    mailbox.run(() -> owner.dialled(kind, 0));
  }

  void ends(CableEnding.Kind kind, String reason) {
    if (mailbox.isInside()) {
      end(kind, reason);
    } else {
      mailbox.run(() -> end(kind, reason));
    }
  }

  private void end(CableEnding.Kind kind, String reason) {
    if (!open) {
      owner.dialled(kind, 0);
    }
    open = false;
    owner.ended(new CableEnding(kind, reason, "error: " + reason, 1000, reason, 0));
  }

  /** The socket accepts the waiting writes. */
  void takesWrites() {
    mailbox.run(
        () -> {
          List<Write> taken = List.copyOf(unsent);
          unsent.clear();
          for (Write write : taken) {
            sent.add(write.frame);
            write.done.accept(null);
          }
        });
  }

  /** A frame is delivered only on demand; otherwise a missing demand would go unnoticed. */
  private void frame(CableFrame frame) {
    frame(() -> owner.frame(frame));
  }

  private void frame(Runnable delivery) {
    mailbox.run(
        () -> {
          if (!demanded) {
            throw new IllegalStateException("the session hasn't demanded a frame");
          }
          demanded = false;
          delivery.run();
        });
  }
}
