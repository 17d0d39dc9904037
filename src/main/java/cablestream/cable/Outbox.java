package cablestream.cable;

import cablestream.concurrent.Mailbox;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Text messages on their way to one socket. The socket has at most one at a time, so that what
 * waits is counted here. Inside the mailbox only.
 */
final class Outbox {
  private final Mailbox mailbox;
  private final Queue<Message> waiting = new ArrayDeque<>(1);
  private Message beingSent;
  private int unsentBytes;

  Outbox(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  private static final class Message {
    final byte[] text;
    final Consumer<String> done;
    boolean isDone;

    Message(byte[] text, Consumer<String> done) {
      this.text = text;
      this.done = done;
    }
  }

  int unsentBytes() {
    return unsentBytes;
  }

  /**
   * @param done called once, inside the mailbox: with null, or with why the message failed
   */
  void send(CableSocket socket, byte[] text, Consumer<String> done) {
    assert mailbox.isInside();
    unsentBytes += text.length;
    waiting.add(new Message(text, done));
    sendNext(socket);
  }

  /** Gives everything that waits to the socket, which will then be closed. */
  void flush(CableSocket socket) {
    for (Message message = waiting.poll(); message != null; message = waiting.poll()) {
      hand(message, socket);
    }
  }

  /** The socket is lost: nothing more is sent. */
  void fail(String why) {
    Message lost = beingSent;
    beingSent = null;
    if (lost != null) {
      finish(lost, why);
    }
    for (Message message = waiting.poll(); message != null; message = waiting.poll()) {
      finish(message, why);
    }
  }

  private void sendNext(CableSocket socket) {
    if (beingSent == null && !waiting.isEmpty()) {
      beingSent = waiting.remove();
      hand(beingSent, socket);
    }
  }

  private void hand(Message message, CableSocket socket) {
    socket.send(message.text, why -> mailbox.run(() -> sent(message, why, socket)));
  }

  private void sent(Message message, String why, CableSocket socket) {
    if (message == beingSent) {
      beingSent = null;
      sendNext(socket);
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
}
