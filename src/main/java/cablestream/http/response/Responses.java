package cablestream.http.response;

import cablestream.concurrent.Timers;
import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Makes every response of the web application. None of them blocks a thread on its client, waits
 * forever for a client that doesn't read, or uses memory without a reservation.
 *
 * @param timers for clients that don't read
 * @param pool runs the timers' tasks
 * @param stall how long a client may read nothing of a response
 * @param account is charged for responses until their clients have read them
 * @param tcpTable the kernel's state of the requests' connections
 * @param server the server, if it runs only this web application; null in a servlet container
 * @param cors which origins may read responses
 * @param observer counts refused requests
 */
public record Responses(
    Timers timers,
    Executor pool,
    Duration stall,
    Account account,
    TcpTable tcpTable,
    OwnServer server,
    Cors cors,
    Observer observer) {
  /**
   * The server of {@code java -jar}, which runs only this web application. It doesn't buffer
   * responses: a stream would keep that buffer for its lifetime, and {@link WriteBuffer} combines
   * writes already. A server that only warms the process up knows nothing else.
   */
  public interface OwnServer {
    /** The servlet context's attribute with the server. */
    String ATTRIBUTE = "cablestream.server";

    /** What closes the request's connection at once, on any thread: a servlet can't close it. */
    Runnable cut(ServletRequest request);

    /** Whether the process is still warming up, so that browsers should use another node. */
    default boolean isWarmingUp() {
      return false;
    }

    /** Whether connections wait that can't be accepted. */
    default boolean isOutOfDescriptors() {
      return false;
    }

    /** Failures to accept a connection since the start. */
    default long acceptFailures() {
      return 0;
    }

    /** Idle connections closed since the start because there were too many. */
    default long idleConnectionsCut() {
      return 0;
    }
  }

  /**
   * The size of the container's buffer of a response. Jetty keeps a buffer of this size as long as
   * a stream lives, and splits larger writes; its pool has no size below 4 KiB, so less would save
   * nothing and cost system calls. Tomcat's buffers never shrink.
   */
  public static final int CONTAINER_BUFFER = 4 * 1024;

  /** A body up to this size is smaller than the container's own data for its request. */
  private static final int SMALL = 512;

  /** The body of {@link #withoutRoom}. */
  static final byte[] NO_ROOM = Replies.error("no memory for the response now");

  private static final int RETRY_AFTER_SECONDS = 2;

  /**
   * Takes over a response from the container. Only in the servlet's or the filter's own method, and
   * before another thread knows the request: in Tomcat a listener set on another thread blocks that
   * thread until the servlet has returned.
   */
  public NonBlockingResponse start(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (server == null) {
      response.setBufferSize(CONTAINER_BUFFER);
    }
    AsyncContext async = request.startAsync();
    async.setTimeout(0);
    NonBlockingResponse started = new NonBlockingResponse(async, request, response, this);
    request.setAttribute(NonBlockingResponse.class.getName(), started);
    started.listen();
    return started;
  }

  /** A new reservation for an answer. */
  Holder holder() {
    return account.holder();
  }

  /** A reservation for an operator's answer, which is needed most when no memory is left. */
  public Holder forced(byte[] body) {
    Holder holder = holder();
    holder.force(Kind.ANSWER, Weights.ofBytes(body.length));
    return holder;
  }

  /**
   * Reserves memory for a body.
   *
   * @param mayBeAlone whether a body that exceeds the limit is accepted if there is no other, as it
   *     could never be answered otherwise
   */
  boolean reserve(Holder holder, long length, boolean mayBeAlone) {
    long bytes = Weights.ofBytes(length);
    boolean isAlone =
        mayBeAlone
            && bytes > account.limit(Kind.ANSWER) / 2
            && account.used(Kind.ANSWER) <= CONTAINER_BUFFER;
    if (length <= SMALL || isAlone) {
      holder.force(Kind.ANSWER, bytes);
      return true;
    }
    return holder.reserve(Kind.ANSWER, bytes);
  }

  /** Turns an answer into one that reports a lack of memory for now. */
  static Consumer<HttpServletResponse> withoutRoom(Consumer<HttpServletResponse> headers) {
    return head -> {
      headers.accept(head);
      head.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      head.setIntHeader("Retry-After", RETRY_AFTER_SECONDS);
      head.setContentType(Replies.JSON);
    };
  }

  /** Runs the task after {@link #stall}. */
  Timers.Timer afterStall(Runnable task) {
    return timers.after(stall.toMillis(), () -> pool.execute(task));
  }
}
