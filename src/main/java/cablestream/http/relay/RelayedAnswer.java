package cablestream.http.relay;

import cablestream.browser.Listener;
import cablestream.http.response.NonBlockingResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Another node's response. Its body is read when the browser's side has room, so a slow browser
 * delays the node that has its session as if it were connected there.
 *
 * <p>One thread at a time pours: the source's while content is awaited, or the container's while
 * room is awaited.
 */
final class RelayedAnswer implements Listener.Attachment {
  /** RFC 9110, 7.6.1, headers that every container writes itself, and those between nodes only. */
  private static final Set<String> OF_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "date",
          "server",
          HttpRelay.ANSWERING.toLowerCase(Locale.ROOT));

  private final Response head;
  private final Content.Source source;

  /**
   * Non-blocking, so that Jetty doesn't use another thread, which would cost more than the task.
   */
  private final Runnable pour =
      Invocable.from(Invocable.InvocationType.NON_BLOCKING, (Runnable) this::pour);

  private Relays.Relay relay;
  private NonBlockingResponse response;

  RelayedAnswer(Response head, Content.Source source) {
    this.head = head;
    this.source = source;
  }

  int status() {
    return head.getStatus();
  }

  /** Starts, once, to write the response; never blocks. The relay ends with it. */
  void handBack(Relays.Relay from, NonBlockingResponse to) {
    relay = from;
    response = to;
    response.head(this::describe);
    // Before any write: the container's callback needs the attachment.
    response.attach(this);
    // Not on this thread yet: the client's may still be reading the response's head.
    source.demand(pour);
  }

  /** Sets status and headers, without those of the connection. */
  void describe(HttpServletResponse to) {
    to.setStatus(status());
    for (HttpField field : head.getHeaders()) {
      String name = field.getLowerCaseName();
      String value = field.getValue();
      if (value == null || OF_CONNECTION.contains(name)) {
        continue;
      }
      switch (name) {
        case "content-length" -> to.setContentLengthLong(Long.parseLong(value));
        case "set-cookie" -> to.addHeader(field.getName(), value);
        default -> to.setHeader(field.getName(), value);
      }
    }
  }

  /** The response, or the rest of it, isn't needed any more. */
  void cancel() {
    head.getRequest().abort(new CancellationException("the response isn't needed"));
  }

  @Override
  public void writable() {
    pour();
  }

  @Override
  public void gone() {
    cancel();
    relay.end();
  }

  private void pour() {
    while (response.isReady()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        response.flush();
        source.demand(pour);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        relay.fail();
        response.abort(); // the browser must notice that it is incomplete
        return;
      }
      boolean last = chunk.isLast();
      if (chunk.hasRemaining()) {
        write(chunk.getByteBuffer());
      }
      chunk.release();
      if (last) {
        relay.end();
        response.finish();
        return;
      }
    }
  }

  private void write(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    response.write(bytes, 0, bytes.length);
  }
}
