package cablestream.http.response;

import cablestream.concurrent.Timers;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Makes every response of the web application, whoever asks for what: none of them blocks a thread
 * on its client, is kept for a client that takes nothing, or takes memory that isn't to be had.
 *
 * @param timers for clients that take nothing
 * @param pool runs what a timer has set off
 * @param stall how long a client may take nothing of an answer
 * @param account where answers are charged until their clients have taken them
 */
public record Responses(Timers timers, Executor pool, Duration stall, Account account) {
  /**
   * The request attribute with a {@code Runnable} that ends the connection at once, where whoever
   * runs the container has put one: a servlet can't.
   */
  static final String CUT = "cablestream.cut";

  /**
   * The request's attribute where the container holds nothing back unless it is told to: {@code
   * java -jar}, whose Jetty is set so. A stream would keep that buffer, and what is written
   * together is gathered by {@link WriteBuffer} already.
   */
  static final String UNBUFFERED = "cablestream.unbuffered";

  /**
   * What the container may hold back of a response. Jetty keeps a buffer of this size for as long
   * as a stream lives, and cuts larger writes at it; its pool knows no size below 4 KiB, so less
   * would save nothing and cost system calls. Tomcat's buffers never shrink.
   */
  public static final int CONTAINER_BUFFER = 4 * 1024;

  /** An answer of no more than this weighs less than what the container has for its request. */
  private static final int SMALL = 512;

  private static final int RETRY_AFTER_SECONDS = 2;

  /**
   * Takes a response over from the container. Only in the servlet's or the filter's own method, and
   * before anybody else may hear of the request: in Tomcat a listener set on another thread blocks
   * that thread until the servlet has returned.
   */
  public NonBlockingResponse start(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!isStream(request) || request.getAttribute(UNBUFFERED) == null) {
      response.setBufferSize(CONTAINER_BUFFER);
    }
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    NonBlockingResponse started = new NonBlockingResponse(async, request, response, this);
    request.setAttribute(NonBlockingResponse.class.getName(), started);
    started.listen();
    return started;
  }

  private static boolean isStream(HttpServletRequest request) {
    RequestParameters asked = RequestParameters.of(request);
    return asked != null && asked.representation().isStream();
  }

  /** Somebody who holds an answer. */
  Holder holder() {
    return account.holder();
  }

  /** The same, of an operator's, who must see most when there is no memory left. */
  public Holder forced(byte[] body) {
    Holder holder = holder();
    holder.force(Kind.ANSWER, Weights.ofBytes(body.length));
    return holder;
  }

  /**
   * Whether there is memory for a body, which is then the holder's.
   *
   * @param mayBeAlone whether one that is larger than all may be together is let in where it is
   *     alone, as it could never be answered otherwise
   */
  boolean take(Holder holder, long length, boolean mayBeAlone) {
    long bytes = Weights.ofBytes(length);
    boolean isAlone =
        mayBeAlone
            && bytes > account.limit(Kind.ANSWER) / 2
            && account.used(Kind.ANSWER) <= CONTAINER_BUFFER;
    if (length <= SMALL || isAlone) {
      holder.force(Kind.ANSWER, bytes);
      return true;
    }
    return holder.take(Kind.ANSWER, bytes);
  }

  /** Makes an answer that there is no memory for one that comes again. */
  static Consumer<HttpServletResponse> withoutRoom(Consumer<HttpServletResponse> headers) {
    return head -> {
      headers.accept(head);
      head.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      head.setIntHeader("Retry-After", RETRY_AFTER_SECONDS);
      head.setContentLength(0);
    };
  }

  /** Runs it after {@link #stall}. */
  Timers.Timer afterStall(Runnable task) {
    return timers.after(stall.toMillis(), () -> pool.execute(task));
  }
}
