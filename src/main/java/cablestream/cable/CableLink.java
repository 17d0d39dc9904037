package cablestream.cable;

import cablestream.cable.DialRequest.Header;
import cablestream.concurrent.Mailbox;
import cablestream.text.Utf8;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * One dial of a {@link CableConnection}, and the socket that came of it: brings what the socket
 * tells into the mailbox, and keeps silent once it has been left. So the connection never hears of
 * a socket that it has given up.
 */
final class CableLink implements CableSocket.Events {
  private final CableConnection connection;
  private final Mailbox mailbox;
  private final Outbox outbox;

  /** Reads frames on the socket's thread; null where the client reads them. */
  private final CableFrame frame;

  private final Runnable delivery = this::deliver;

  // Written on the socket's thread, read in the mailbox; the next message comes only on demand.
  private byte[] text;
  private boolean readable;

  // Inside the mailbox.
  private DialGate.Turn turn;
  private CableSocket socket;
  private boolean opened;
  private boolean left;

  CableLink(CableConnection connection, Mailbox mailbox, Cable.Reader reader) {
    this.connection = connection;
    this.mailbox = mailbox;
    outbox = new Outbox(mailbox);
    frame = reader == Cable.Reader.CLIENT ? null : new CableFrame();
  }

  // ---- inside the mailbox ----

  /**
   * Waits for its turn to dial, and then tells the connection.
   *
   * @return false if too many are waiting
   */
  boolean await(DialGate gate, boolean again) {
    turn = gate.ask(again, () -> mailbox.post(() -> tell(connection::onTurn)));
    return turn != null;
  }

  void dial(CableSocket.Dialer dialer, URI url, List<Header> headers, List<String> protocols) {
    socket = dialer.dial(url, headers, protocols, this);
  }

  /** The dial is over, so that another may begin. */
  void endTurn() {
    if (turn != null) {
      turn.end();
    }
  }

  void demand() {
    socket.demand();
  }

  int progress() {
    return socket.progress();
  }

  boolean hasUnread() {
    return socket.hasUnread();
  }

  void send(String frame, Consumer<String> done) {
    outbox.send(socket, frame.getBytes(StandardCharsets.UTF_8), done);
  }

  int unsentBytes() {
    return outbox.unsentBytes();
  }

  /** Lets what was queued be written, and closes. */
  void close(int code, String reason) {
    if (socket != null) {
      outbox.flush(socket);
    }
    leave(code, reason);
  }

  /** Gives the socket up; what was queued fails. */
  void drop(int code, String why) {
    leave(code, why);
    outbox.fail(why);
  }

  private void leave(int code, String reason) {
    left = true;
    endTurn();
    if (opened) {
      socket.close(code, reason);
    } else if (socket != null) {
      socket.abort();
    }
  }

  // ---- on the socket's thread ----

  @Override
  public void opened(String protocol) {
    mailbox.run(
        () -> {
          opened = true;
          if (left) {
            socket.close(1000, "");
          } else {
            connection.onOpened(protocol);
          }
        });
  }

  @Override
  public void text(byte[] message) {
    text = message;
    readable = frame == null ? Utf8.isWellFormed(message) : frame.scan(message);
    mailbox.run(delivery);
  }

  @Override
  public void unreadable(int code, String why) {
    mailbox.run(() -> tell(() -> connection.onUnreadable(code, why)));
  }

  @Override
  public void refused(int status, String location) {
    mailbox.run(() -> tell(() -> connection.onRefused(status, location)));
  }

  @Override
  public void unreachable(String why) {
    mailbox.run(() -> tell(() -> connection.onUnreachable(why)));
  }

  @Override
  public void closed(int code, String reason) {
    mailbox.run(() -> tell(() -> connection.onClosed(code, reason)));
  }

  private void deliver() {
    byte[] message = text;
    text = null;
    socket.taken(); // from here on it is the log that is charged
    if (!left) {
      deliver(message);
    }
  }

  private void deliver(byte[] message) {
    if (!readable) {
      connection.onUnreadable(1007, fault(message));
    } else if (frame == null) {
      connection.onText(message);
    } else {
      connection.onFrame(frame, message);
    }
  }

  private String fault(byte[] message) {
    return frame == null
        ? "a frame that isn't UTF-8"
        : "a frame of "
            + message.length
            + " bytes that isn't valid JSON in UTF-8, at byte "
            + frame.fault();
  }

  private void tell(Runnable event) {
    if (!left) {
      event.run();
    }
  }
}
