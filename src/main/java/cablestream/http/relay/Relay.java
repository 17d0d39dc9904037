package cablestream.http.relay;

import cablestream.browser.Listener;
import cablestream.cluster.Node;
import cablestream.concurrent.Fault;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.SseStream;
import cablestream.memory.Holder;
import cablestream.outbound.AnswerLimit;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * A request that this node has sent to another, until that node's response is written, or it is
 * known why there is none. The response's body is read when the browser's side has room, so a slow
 * browser delays the node that has its session as if it were connected there.
 *
 * <p>One thread at a time pours: the source's while content is awaited, or the container's while
 * room is awaited.
 */
final class Relay implements Response.ContentSourceListener, Listener.Attachment {
  /** The response header with the node's id. A response without it isn't a node's. */
  static final String ANSWERING = "Cablestream-Node";

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
          ANSWERING.toLowerCase(Locale.ROOT));

  /** The outcome: one call, on any thread. Unless the node answers, the relay has ended by then. */
  interface Receiver {
    /** The other node answers. The relay must be handed back or cancelled. */
    void answered(Relay relay);

    /**
     * The other node is gone: nothing listens at its address, or its lease has ended.
     *
     * @param executed whether the request may have been executed
     */
    void gone(boolean executed);

    /**
     * No node has answered; the other one may still be alive.
     *
     * @param executed whether the request may have been executed
     */
    void unanswered(boolean executed);

    /** The client has disconnected, and the request was given up for that reason. */
    void unneeded();
  }

  private final Relays relays;
  private final Node node;
  private final Holder holder;
  private final BooleanSupplier hungUp;
  private final Receiver receiver;

  /** Null until it is sent. */
  private volatile Request request;

  /** There was a connection, so that the other end may have read data. */
  private boolean began;

  /** The last byte of the request is written. */
  private volatile boolean sent;

  private volatile boolean abandoned;

  /** The status of a response that isn't the node's; 0 for none. */
  private int foreign;

  // Null until the node answers.
  private volatile Response head;
  private Content.Source source;

  /**
   * Non-blocking, so that Jetty doesn't use another thread, which would cost more than the task.
   */
  private final Runnable pour =
      Invocable.from(Invocable.InvocationType.NON_BLOCKING, (Runnable) this::pour);

  private NonBlockingResponse browser;

  /**
   * @param holder what is reserved for it, until it ends
   * @param hungUp whether its client has disconnected, as far as is known
   */
  Relay(Relays relays, Node node, Holder holder, BooleanSupplier hungUp, Receiver receiver) {
    this.relays = relays;
    this.node = node;
    this.holder = holder;
    this.hungUp = hungUp;
    this.receiver = receiver;
  }

  // ---- the request ----

  /** Sends it, once. */
  void send(HandedOn handedOn, Duration patience) {
    try {
      Request unsent = relays.request(node, handedOn, patience);
      AnswerLimit limit = new AnswerLimit();
      unsent
          .onRequestBegin(it -> began = true)
          .onRequestSuccess(it -> sent = true)
          .onResponseHeader(limit)
          .onResponseHeaders(limit)
          .onResponseContentSource(this)
          .send(this::complete);
      request = unsent;
    } catch (RuntimeException e) {
      // The message may contain the target.
      fail(e.getClass().getSimpleName());
      receiver.unanswered(true);
    }
  }

  /**
   * Gives it up if its node's lease has ended, or its client has disconnected. The latter not
   * before it is sent completely, so that the other node carries commands out, and not once it is
   * answered: then writing to the client fails.
   */
  void abortIfUseless() {
    if (request == null) {
      return;
    }
    if (!relays.lives(node)) {
      request.abort(new CancellationException("the node's lease has ended"));
    } else if (sent && head == null && hungUp.getAsBoolean()) {
      abandoned = true;
      request.abort(new CancellationException("the client has disconnected"));
    }
  }

  private void complete(Result result) {
    if (head != null) {
      return; // the body's reader handles the failure
    }
    if (abandoned) {
      end();
      receiver.unneeded();
      return;
    }
    Throwable failure = result.getFailure();
    boolean orphaned = !relays.lives(node);
    boolean executed = began && !WITHOUT_APPLICATION.contains(foreign);
    fail(orphaned ? "its lease has ended" : words(failure));
    if (orphaned || failure instanceof ConnectException) {
      receiver.gone(executed);
    } else {
      receiver.unanswered(executed);
    }
  }

  /** A fixed text: the library's message contains the target. */
  private String words(Throwable failure) {
    return foreign == 0
        ? Fault.kind(failure)
        : "status " + foreign + ", by something that isn't the node";
  }

  private void fail(String why) {
    end();
    relays.failed(node, why);
  }

  private void end() {
    holder.close();
    relays.ended(this);
  }

  // ---- the response ----

  @Override
  public void onContentSource(Response response, Content.Source content) {
    if (!counts(response) || !isDelimited(response)) {
      foreign = response.getStatus();
      response.abort(new IOException("foreign"));
      return;
    }
    source = content;
    head = response;
    receiver.answered(this);
  }

  /** Whether a node has answered, not another server at its address. */
  private boolean counts(Response response) {
    String id = response.getHeaders().get(ANSWERING);
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

  int status() {
    return head.getStatus();
  }

  /** Starts, once, to write the response; never blocks. */
  void handBack(NonBlockingResponse to) {
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

  /** The response, or the rest of it, isn't needed. */
  void cancel() {
    head.getRequest().abort(new CancellationException("the response isn't needed"));
    end();
  }

  @Override
  public void writable() {
    pour();
  }

  @Override
  public void gone() {
    cancel();
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
        end();
        relays.truncated();
        browser.abort(); // the browser must notice that it is incomplete
        return;
      }
      boolean last = chunk.isLast();
      if (chunk.hasRemaining()) {
        write(chunk.getByteBuffer());
      }
      chunk.release();
      if (last) {
        end();
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
