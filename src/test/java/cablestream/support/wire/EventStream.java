package cablestream.support.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads a stream as an EventSource does, on a thread of its own. A test takes the events one by
 * one.
 */
public final class EventStream implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Socket socket;
  private final RawResponse response;
  private final BlockingQueue<Object> arrivals = new LinkedBlockingQueue<>();
  private final List<String> comments = new ArrayList<>();
  private final EventStreamParser parser = new EventStreamParser();
  private volatile String retry;
  private volatile boolean over;

  static EventStream over(Socket socket) throws IOException {
    return new EventStream(socket);
  }

  private EventStream(Socket socket) throws IOException {
    this.socket = socket;
    ResponseReader reader = ResponseReader.of(socket);
    RawResponse head = reader.head();
    InputStream body = reader.body(head, false);
    if (head.status() != 200) {
      response = new RawResponse(head.status(), head.headers(), body.readAllBytes());
      return;
    }
    response = head;
    // Heartbeats may be as rare as every 15 s; each method that waits has its own timeout.
    socket.setSoTimeout(0);
    Thread thread = new Thread(() -> read(body), "event-stream");
    thread.setDaemon(true);
    thread.start();
  }

  /** Its status and headers; a body only if the stream was refused. */
  public RawResponse response() {
    return response;
  }

  /** The next event; fails if none arrives within 15 s, or if the stream has ended. */
  public StreamedEvent next() {
    return next(PATIENCE);
  }

  public StreamedEvent next(Duration timeout) {
    Object arrival = poll(timeout);
    if (arrival instanceof StreamedEvent event) {
      return event;
    }
    throw new AssertionError(arrival == null ? "No event within " + timeout : arrival.toString());
  }

  /** The next event, which must be of this type. */
  public StreamedEvent next(String type) {
    StreamedEvent event = next();
    if (!event.type().equals(type)) {
      throw new AssertionError("Not " + type + ": " + event);
    }
    return event;
  }

  /** The next event of this type; skips all events before it. */
  public StreamedEvent skipTo(String type) {
    StreamedEvent event = next();
    while (!event.type().equals(type)) {
      event = next();
    }
    return event;
  }

  /** Fails if anything other than a comment arrives within this time. */
  public void expectSilence(Duration time) {
    Object arrival = poll(time);
    if (arrival != null) {
      throw new AssertionError("Not silent: " + arrival);
    }
  }

  /** Fails unless the server ends the stream properly and without a further event. */
  public void expectEnd() {
    Object arrival = poll(PATIENCE);
    if (!(arrival instanceof Ending ending) || ending.cause != null) {
      throw new AssertionError("No proper end, but " + arrival);
    }
  }

  /** Reads until the stream ends in any way; fails if it continues for 15 s. */
  public void awaitEnding() {
    Object arrival = poll(PATIENCE);
    while (arrival instanceof StreamedEvent) {
      arrival = poll(PATIENCE);
    }
    if (arrival == null) {
      throw new AssertionError("The stream goes on");
    }
  }

  /** Waits for the next event without a limit; null when the stream has ended in any way. */
  public StreamedEvent nextUnlessOver() {
    try {
      return arrivals.take() instanceof StreamedEvent event ? event : null;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether it has ended in any way, though perhaps not all its events have been taken. */
  public boolean isOver() {
    return over;
  }

  private Object poll(Duration timeout) {
    try {
      return arrivals.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The comment lines so far, without their colons. */
  public List<String> comments() {
    synchronized (comments) {
      return List.copyOf(comments);
    }
  }

  /** The value of the last {@code retry:} field, or null. */
  public String retry() {
    return retry;
  }

  /** Closes the connection, as a browser does. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void read(InputStream body) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line);
      }
      end(new Ending(null));
    } catch (IOException e) {
      end(new Ending(e));
    }
  }

  private void end(Ending ending) {
    over = true;
    arrivals.add(ending);
  }

  private void take(String line) {
    if (line.startsWith(":")) {
      synchronized (comments) {
        comments.add(line.substring(1));
      }
    }
    StreamedEvent event = parser.take(line);
    retry = parser.retry();
    if (event != null) {
      arrivals.add(event);
    }
  }

  private record Ending(IOException cause) {
    @Override
    public String toString() {
      return cause == null ? "The stream ended" : "The stream broke: " + cause;
    }
  }
}
