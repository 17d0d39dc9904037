package cablestream.http.request;

import cablestream.browser.Refusal;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the bodies of requests. Those that are too large are logged, a line a minute for each limit
 * at most: an application that sends more than the limit loses a command each time.
 */
public final class RequestBodies {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBodies.class);

  /** In bytes. */
  private static final int SMALL = 1024;

  private final Account account;
  private final Timers timers;
  private final Executor pool;
  private final Consumer<BodyLimit> tooLarge;

  /**
   * @param account what all bodies are charged to
   * @param timers set off the timeout
   * @param pool runs what follows from it
   */
  public RequestBodies(Account account, Timers timers, Executor pool) {
    this(account, timers, pool, log(timers));
  }

  /**
   * @param tooLarge is given the limit of each body that was larger
   */
  RequestBodies(Account account, Timers timers, Executor pool, Consumer<BodyLimit> tooLarge) {
    this.account = account;
    this.timers = timers;
    this.pool = pool;
    this.tooLarge = tooLarge;
  }

  private static Consumer<BodyLimit> log(Timers timers) {
    Map<BodyLimit.Of, RateLimit<BodyLimit>> lines = new EnumMap<>(BodyLimit.Of.class);
    for (BodyLimit.Of of : BodyLimit.Of.values()) {
      lines.put(
          of,
          new RateLimit<>(
              timers,
              (times, limit) ->
                  LOG.warn(
                      "event=body_too_large times={} limit={} setting={}",
                      times,
                      limit.bytes(),
                      limit.setting())));
    }
    return limit -> lines.get(limit.of()).count(limit);
  }

  /**
   * Reserves what is made of a body beside it; a small one is let in with what its request weighs.
   *
   * @param weight in bytes of the heap
   * @return to be closed; null if there is no room for it now
   */
  public Holder reserve(byte[] body, long weight) {
    Holder holder = account.holder();
    if (body.length <= SMALL || holder.take(Kind.BODY, weight)) {
      return holder;
    }
    holder.close();
    return null;
  }

  public Timers timers() {
    return timers;
  }

  public Executor pool() {
    return pool;
  }

  /**
   * Begins to read, in the servlet's own method and after the request was made asynchronous.
   *
   * @param limit of what is taken
   */
  public void read(HttpServletRequest request, BodyLimit limit, RequestBody.Receiver receiver)
      throws IOException {
    RequestBody.Receiver counting = counting(limit, receiver);
    if (request.getContentLengthLong() > limit.bytes()) {
      counting.refused(limit.exceeded());
      return;
    }
    Holder holder = account.holder();
    if (!holder.take(Kind.BODY, Weights.ofBytes(RequestBody.FIRST))) {
      receiver.refused(RequestBody.tooMany());
      return;
    }
    new RequestBody(request.getInputStream(), limit, holder, counting).begin(timers, pool);
  }

  private RequestBody.Receiver counting(BodyLimit limit, RequestBody.Receiver receiver) {
    return new RequestBody.Receiver() {
      @Override
      public void received(byte[] body) {
        receiver.received(body);
      }

      @Override
      public void refused(Refusal refusal) {
        if (refusal.status() == HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE) {
          tooLarge.accept(limit);
        }
        receiver.refused(refusal);
      }
    };
  }
}
