package cablestream.http.relay;

import cablestream.browser.Listener;
import cablestream.cluster.Node;
import cablestream.concurrent.Fault;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.SseStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Another node's response, or why there is none, which it reports once. Its body is read when the
 * browser's side has room, so a slow browser delays the node that has its session as if it were
 * connected there.
 *
 * <p>One thread at a time pours: the source's while content is awaited, or the container's while
 * room is awaited.
 */
final class RelayedAnswer implements Response.ContentSourceListener, Listener.Attachment {
  /** RFC 9110, 15.5: a container's responses to requests that don't reach its web application. */
  private static final Set<Integer> OF_CONTAINER = Set.of(400, 413, 414, 431);

  private static final Set<Integer> NO_CONTENT = Set.of(204, 304);

  /** A container without the web application: not started yet, undeployed, or stopping. */
  private static final Set<Integer> WITHOUT_APPLICATION = Set.of(404, 503);

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

  private final Node node;
  private final HttpRelay.Answer answer;
  private boolean began;
  private volatile boolean sent;

  /** The status of a response that isn't the node's; 0 for none. */
  private int foreign;

  // Null until the node answers.
  private Response head;
  private Content.Source source;

  /**
   * Non-blocking, so that Jetty doesn't use another thread, which would cost more than the task.
   */
  private final Runnable pour =
      Invocable.from(Invocable.InvocationType.NON_BLOCKING, (Runnable) this::pour);

  private Relays.Relay relay;
  private NonBlockingResponse browser;

  RelayedAnswer(Node node, HttpRelay.Answer answer) {
    this.node = node;
    this.answer = answer;
  }

  /** There is a connection, and from now on the other end may have read data. */
  void began(Request request) {
    began = true;
  }

  /** The last byte of the request is written. */
  void sent(Request request) {
    sent = true;
  }

  boolean isSent() {
    return sent;
  }

  @Override
  public void onContentSource(Response response, Content.Source content) {
    if (!counts(response) || !isDelimited(response)) {
      foreign = response.getStatus();
      response.abort(new IOException("foreign"));
      return;
    }
    head = response;
    source = content;
    answer.answered(this);
  }

  /** Whether a node has answered, not another server at its address. */
  private boolean counts(Response response) {
    String id = response.getHeaders().get(HttpRelay.ANSWERING);
    int status = response.getStatus();
    return id == null
        ? OF_CONTAINER.contains(status)
        : id.equals(node.id()) || status == Signatures.MISDIRECTED;
  }

  /** Whether the browser would notice a truncated response. */
  private static boolean isDelimited(Response response) {
    String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return NO_CONTENT.contains(response.getStatus())
        || response.getHeaders().contains(HttpHeader.CONTENT_LENGTH)
        || type != null && type.startsWith(SseStream.MEDIA_TYPE);
  }

  void complete(Result result) {
    if (head != null) {
      return; // the body's reader handles the failure
    }
    Throwable failure = result.getFailure();
    if (failure instanceof HttpRelay.OrphanedException) {
      answer.gone("its lease has ended", began);
    } else if (failure instanceof HttpRelay.AbandonedException) {
      answer.unneeded();
    } else if (failure instanceof ConnectException) {
      answer.gone(Fault.kind(failure), false);
    } else {
      answer.unanswered(words(failure), began && !WITHOUT_APPLICATION.contains(foreign));
    }
  }

  /** A fixed text: the library's message contains the target. */
  private String words(Throwable failure) {
    return foreign == 0
        ? Fault.kind(failure)
        : "status " + foreign + ", by something that isn't the node";
  }

  int status() {
    return head.getStatus();
  }

  /** Starts, once, to write the response; never blocks. The relay ends with it. */
  void handBack(Relays.Relay from, NonBlockingResponse to) {
    relay = from;
    browser = to;
    browser.head(this::describe);
    // Before any write: the container's callback needs the attachment.
    browser.attach(this);
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
    while (browser.isReady()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        browser.flush();
        source.demand(pour);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        relay.fail();
        browser.abort(); // the browser must notice that it is incomplete
        return;
      }
      boolean last = chunk.isLast();
      if (chunk.hasRemaining()) {
        write(chunk.getByteBuffer());
      }
      chunk.release();
      if (last) {
        relay.end();
        browser.finish();
        return;
      }
    }
  }

  private void write(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    browser.write(bytes, 0, bytes.length);
  }
}
