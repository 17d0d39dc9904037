package cablestream.cable;

import cablestream.cable.DialRequest.Header;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.text.Utf8;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One dial of a {@link CableConnection}, and the socket that came of it: brings what the socket
 * tells into the mailbox, and keeps silent once it has been left. So the connection never hears of
 * a socket that it has given up.
 *
 * <p>One demand for a frame may be outstanding. While there is one the socket is being read, and
 * only then does silence mean anything. What has come and waits to be read isn't silence: on a
 * machine that is short of processor time a cable must not be dropped, and dialled anew, for what
 * the bridge itself is late with.
 */
final class CableLink implements CableSocket.Events {
  /** RFC 6455, 7.4.1. */
  private static final int NOT_UTF_8 = 1007;

  /** Of a frame of no more bytes it doesn't matter for how long both it and its event are held. */
  private static final int SMALL = 4 * 1024;

  private final CableConnection connection;
  private final Mailbox mailbox;
  private final Outbox outbox;

  private final Timers timers;

  /** Reads frames on the socket's thread; null where the client reads them. */
  private final FrameScanner scanner;

  // Inside the mailbox.
  private CableSocket socket;
  private boolean opened;
  private boolean left;

  // The demand, and how long it may meet silence once somebody watches.
  private boolean demanded;
  private Duration patience;
  private long quietSince;
  private int progress;

  /** Not set anew for each frame: when it goes off early, it is set for what is left. */
  private final Alarm silence;

  CableLink(CableConnection connection, Mailbox mailbox, Cable.Reader reader, Timers timers) {
    this.connection = connection;
    this.mailbox = mailbox;
    this.timers = timers;
    outbox = new Outbox(mailbox);
    scanner = reader == Cable.Reader.CLIENT ? null : new FrameScanner();
    silence = new Alarm(timers, mailbox);
  }

  // ---- inside the mailbox ----

  void dial(CableSocket.Dialer dialer, URI url, List<Header> headers, List<String> protocols) {
    socket = dialer.dial(url, headers, protocols, this);
  }

  /** Reads up to one more frame; does nothing if one is demanded already. */
  void demand() {
    if (demanded) {
      return;
    }
    demanded = true;
    if (patience != null) {
      quietSince = timers.nanoTime();
      if (!silence.isSet()) {
        silence.set(patience.toMillis(), this::listen);
      }
    }
    socket.demand();
  }

  /** From now on silence may last so long; the connection is told if it lasts longer. */
  void expectWithin(Duration patience) {
    if (this.patience == null) {
      progress = socket.progress();
    }
    this.patience = patience;
  }

  private void listen() {
    if (!demanded) {
      return; // the next demand sets the alarm
    }
    int read = socket.progress();
    if (read != progress || socket.hasUnread()) {
      progress = read;
      quietSince = timers.nanoTime();
    }
    long rest = ReconnectPolicy.left(patience, quietSince, timers.nanoTime());
    if (rest > 0) {
      silence.set(rest, this::listen);
    } else {
      connection.onSilence();
    }
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
    silence.clear();
    if (opened) {
      socket.close(code, reason);
    } else if (socket != null) {
      socket.abort();
    }
  }

  // ---- on any thread ----

  /** It is this dial's turn. */
  void tellTurn() {
    mailbox.post(() -> tell(connection::onTurn));
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
    CableFrame frame = scanner == null ? opaque(message) : scanned(message);
    mailbox.run(() -> deliver(frame));
  }

  private static CableFrame opaque(byte[] message) {
    return Utf8.isWellFormed(message)
        ? CableFrame.opaque(message)
        : CableFrame.unreadable("a frame that isn't UTF-8");
  }

  private CableFrame scanned(byte[] message) {
    CableFrame frame = scanner.scan(message);
    return frame != null
        ? frame
        : CableFrame.unreadable(
            "a frame of "
                + message.length
                + " bytes that isn't valid JSON in UTF-8, at byte "
                + scanner.fault());
  }

  @Override
  public void unreadable(int code, String why) {
    mailbox.run(() -> receive(CableFrame.unreadable(why), code));
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

  private void deliver(CableFrame frame) {
    if (frame.text() != null && frame.text().length <= SMALL) {
      socket.taken(); // from here on it is the log that is charged
      receive(frame, NOT_UTF_8);
    } else {
      deliverLarge(frame);
    }
  }

  private void deliverLarge(CableFrame frame) {
    try {
      socket.releaseEventRoom();
      receive(frame, NOT_UTF_8);
    } finally {
      socket.taken();
    }
  }

  /**
   * @param fault the close code that stands for it, where it is unreadable
   */
  private void receive(CableFrame frame, int fault) {
    demanded = false;
    if (!left) {
      connection.onFrame(frame, fault);
    }
  }

  private void tell(Runnable event) {
    if (!left) {
      event.run();
    }
  }
}
