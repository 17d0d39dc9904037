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
 * The frames to one client, in order, one being written at a time, so that a client that doesn't
 * read holds nobody else. Unbounded, as Rails' is. The server's thread only.
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

  /** Once everything has been written, with 1000. */
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
      // The client has gone first; the container tells the endpoint.
    }
  }
}
