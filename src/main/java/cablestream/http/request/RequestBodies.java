package cablestream.http.request;

import cablestream.browser.Refusal;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
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
 * Reads the bodies of requests. Where there is no memory for one more, the oldest of the network
 * whose bodies take most gives way, and is refused. Those that are too large are logged, a line a
 * minute for each limit at most: an application that sends more than the limit loses a command each
 * time.
 */
public final class RequestBodies {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBodies.class);

  /** In bytes. */
  private static final int SMALL = 1024;

  private final Account account;
  private final Timers timers;
  private final Executor pool;
  private final Consumer<BodyLimit> tooLarge;

  /** Those that haven't arrived as a whole, by the bytes that each is charged. */
  private final FairShares<RequestBody> arriving = new FairShares<>();

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
   * @param network the client's
   * @param weight in bytes of the heap
   * @return to be closed; null if there is no room for it now
   */
  public Holder reserve(String network, byte[] body, long weight) {
    Holder holder = account.holder((kind, total) -> makesRoom(network, null, total));
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
   * @param network the client's, as {@code Caller.address} names it
   * @param limit of what is taken
   */
  public void read(
      HttpServletRequest request, String network, BodyLimit limit, RequestBody.Receiver receiver)
      throws IOException {
    RequestBody.Receiver counting = counting(limit, receiver);
    if (request.getContentLengthLong() > limit.bytes()) {
      counting.refused(limit.exceeded());
      return;
    }
    new RequestBody(request.getInputStream(), network, limit, this, counting).begin();
  }

  /** What a body is charged to, for which others give way. */
  Holder holder(RequestBody body) {
    return account.holder((kind, total) -> makesRoom(body.network(), body, total));
  }

  /** The body is charged so many bytes from now on, and has yet to arrive. */
  void arrives(RequestBody body, long bytes) {
    arriving.put(body.network(), body, bytes);
  }

  /** The body has arrived, or won't. */
  void over(RequestBody body) {
    arriving.remove(body.network(), body);
  }

  /**
   * Lets a body give way.
   *
   * @param network whose body needs room
   * @param body which doesn't give way to itself; null: one that has arrived
   * @param total what it would be charged
   */
  private boolean makesRoom(String network, RequestBody body, long total) {
    RequestBody oldest = arriving.takeOldest(network, arriving.total(network) + total);
    if (oldest == null || oldest == body) {
      return false;
    }
    oldest.giveWay();
    return true;
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
