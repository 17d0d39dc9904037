package cablestream.standalone.demo;

import jakarta.websocket.CloseReason;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Executor;

/**
 * The frames to one client, in order; one is written at a time, so a client that doesn't read
 * delays no other. Unbounded, as in Rails. The server's thread only.
 */
final class DemoOutbox {
  private final Session session;
  private final Executor thread;
  private final Deque<Iterator<String>> waiting = new ArrayDeque<>();
  private boolean writing;
  private boolean closing;

  DemoOutbox(Session session, Executor thread) {
    this.session = session;
    this.thread = thread;
  }

  void add(Iterator<String> frames) {
    if (!closing) {
      waiting.add(frames);
      writeNext();
    }
  }

  /** Closes with 1000 once everything is written. */
  void close() {
    closing = true;
    writeNext();
  }

  private void writeNext() {
    while (!waiting.isEmpty() && !waiting.peek().hasNext()) {
      waiting.remove();
    }
    if (writing) {
      return;
    }
    if (!waiting.isEmpty()) {
      writing = true;
      session
          .getAsyncRemote()
          .sendText(waiting.peek().next(), result -> thread.execute(() -> written(result)));
    } else if (closing) {
      closeSession();
    }
  }

  private void written(SendResult result) {
    writing = false;
    if (!result.isOK()) {
      waiting.clear();
      closing = true;
    }
    writeNext();
  }

  private void closeSession() {
    try {
      session.close(new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE, null));
    } catch (IOException e) {
      // The client has disconnected; the container notifies the endpoint.
    }
  }
}
