package cablestream.cable;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records a socket's callbacks, one line each. */
public class RecordingEvents implements CableSocket.Events {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  /** The message of the last {@link #text}. */
  public volatile byte[] message;

  /** The thread of that callback. */
  public volatile Thread thread;

  @Override
  public void opened(String protocol) {
    told.add("opened " + protocol);
  }

  @Override
  public void text(byte[] message) {
    this.message = message;
    thread = Thread.currentThread();
    told.add("text " + (message.length > 1_000 ? message.length : new String(message, UTF_8)));
  }

  @Override
  public void unreadable(int code, String why) {
    told.add("unreadable " + code + " " + why);
  }

  @Override
  public void refused(int status, String location) {
    told.add("refused " + status + (location == null ? "" : " " + location));
  }

  @Override
  public void unreachable(String why) {
    told.add("unreachable " + why);
  }

  @Override
  public void closed(int code, String reason) {
    told.add("closed " + code + (reason.isEmpty() ? "" : " " + reason));
  }

  /** The next line; waits up to 10 s for it. */
  public String next() {
    try {
      String line = told.poll(10, TimeUnit.SECONDS);
      return line == null ? "nothing" : line;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public boolean isEmpty() {
    return told.isEmpty();
  }
}
