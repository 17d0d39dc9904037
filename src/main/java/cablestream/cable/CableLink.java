package cablestream.cable;

import cablestream.cable.DialRequest.Header;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.text.Utf8;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * One dial of a {@link CableConnection}, and its socket: runs the socket's events in the mailbox,
 * and ignores them once it has been abandoned. So the connection never receives events of an
 * abandoned socket.
 *
 * <p>One demand for a frame may be outstanding. While there is one the socket is being read, and
 * only then does silence count. Data that waits to be read isn't silence: when processor time is
 * short, a cable must not be dropped, and dialled again, because the bridge itself is late.
 */
final class CableLink implements CableSocket.Events {
  /** RFC 6455, 7.4.1. */
  private static final int NOT_UTF_8 = 1007;

  private final CableConnection connection;
  private final Mailbox mailbox;
  private final Timers timers;

  /** Reads frames on the socket's thread; null if the client reads them. */
  private final FrameScanner scanner;

  // Inside the mailbox.
  private CableSocket socket;
  private boolean opened;
  private boolean left;

  // The demand, and the longest silence while it is outstanding and a limit is set.
  private boolean demanded;
  private Duration patience;
  private long quietSince;
  private int progress;

  /** Not set again for each frame: if it fires early, it is set for the remaining time. */
  private final Alarm silence;

  // What is sent: the socket has at most one message at a time, so that what waits is counted here.
  private final Queue<Message> waiting = new ArrayDeque<>(1);
  private Message beingSent;
  private int unsentBytes;

  /** A text message on its way to the socket. */
  private static final class Message {
    final byte[] text;
    final Consumer<String> done;
    boolean isDone;

    Message(byte[] text, Consumer<String> done) {
      this.text = text;
      this.done = done;
    }
  }

  CableLink(CableConnection connection, Mailbox mailbox, Cable.Reader reader, Timers timers) {
    this.connection = connection;
    this.mailbox = mailbox;
    this.timers = timers;
    scanner = reader == Cable.Reader.CLIENT ? null : new FrameScanner();
    silence = new Alarm(timers, mailbox);
  }

  // ---- inside the mailbox ----

  void dial(CableSocket.Dialer dialer, URI url, List<Header> headers, List<String> protocols) {
    socket = dialer.dial(url, headers, protocols, this);
  }

  /** Whether its turn has come. */
  boolean isDialled() {
    return socket != null;
  }

  /** Reads up to one more frame; without effect if one is demanded already. */
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

  /** Limits the silence from now on; the connection is notified if it lasts longer. */
  void expectWithin(Duration patience) {
    if (this.patience == null) {
      progress = socket.progress();
    }
    this.patience = patience;
    if (silence.isSet()) {
      silence.set(patience.toMillis(), this::listen); // it was set for the former limit
    }
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

  /**
   * @param done called once, inside the mailbox: with null, or with why the message failed
   */
  void send(String frame, Consumer<String> done) {
    byte[] text = frame.getBytes(StandardCharsets.UTF_8);
    unsentBytes += text.length;
    waiting.add(new Message(text, done));
    sendNext();
  }

  int unsentBytes() {
    return unsentBytes;
  }

  private void sendNext() {
    if (beingSent == null && !waiting.isEmpty()) {
      beingSent = waiting.remove();
      hand(beingSent);
    }
  }

  private void hand(Message message) {
    socket.send(message.text, why -> mailbox.run(() -> sent(message, why)));
  }

  private void sent(Message message, String why) {
    if (message == beingSent) {
      beingSent = null;
      sendNext();
    }
    finish(message, why);
  }

  private void finish(Message message, String why) {
    if (!message.isDone) {
      message.isDone = true;
      unsentBytes -= message.text.length;
      message.done.accept(why);
    }
  }

  /** Writes what is queued, and closes. */
  void close(int code, String reason) {
    for (Message message = waiting.poll(); message != null; message = waiting.poll()) {
      hand(message);
    }
    leave(code, reason);
  }

  /** Abandons the socket; what is queued fails. */
  void drop(int code, String why) {
    leave(code, why);
    Message lost = beingSent;
    beingSent = null;
    if (lost != null) {
      finish(lost, why);
    }
    for (Message message = waiting.poll(); message != null; message = waiting.poll()) {
      finish(message, why);
    }
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

  /** This dial's turn has come. */
  void reportTurn() {
    mailbox.post(() -> report(connection::onTurn));
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
    CableFrame frame = scanner == null ? opaque(message) : scanner.scan(message);
    if (frame != null) {
      mailbox.run(() -> deliver(frame));
      return;
    }
    String why =
        scanner == null
            ? "a frame that isn't UTF-8"
            : "a frame of "
                + message.length
                + " bytes that isn't valid JSON in UTF-8, at byte "
                + scanner.fault();
    mailbox.run(
        () -> {
          socket.releaseEventRoom();
          socket.releaseMessageRoom();
          dropped(NOT_UTF_8, why);
        });
  }

  /** Null if it isn't UTF-8. */
  private static CableFrame opaque(byte[] message) {
    return Utf8.isWellFormed(message) ? CableFrame.opaque(message) : null;
  }

  @Override
  public void unreadable(int code, String why) {
    mailbox.run(() -> dropped(code, why));
  }

  @Override
  public void refused(int status, String location) {
    mailbox.run(() -> report(() -> connection.onRefused(status, location)));
  }

  @Override
  public void unreachable(String why) {
    mailbox.run(() -> report(() -> connection.onUnreachable(why)));
  }

  @Override
  public void closed(int code, String reason) {
    mailbox.run(() -> report(() -> connection.onClosed(code, reason)));
  }

  private void deliver(CableFrame frame) {
    if (frame.text().length <= CableSocket.SMALL) {
      receive(frame);
    } else {
      deliverLarge(frame);
    }
  }

  private void deliverLarge(CableFrame frame) {
    try {
      socket.releaseEventRoom();
      receive(frame);
    } finally {
      socket.releaseMessageRoom();
    }
  }

  private void receive(CableFrame frame) {
    demanded = false;
    if (!left) {
      connection.onFrame(frame);
    }
  }

  private void dropped(int code, String why) {
    demanded = false;
    if (!left) {
      connection.onUnreadable(code, why);
    }
  }

  private void report(Runnable event) {
    if (!left) {
      event.run();
    }
  }
}
