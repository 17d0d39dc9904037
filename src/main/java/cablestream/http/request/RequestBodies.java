package cablestream.http.request;

import cablestream.browser.Refusal;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the bodies of requests. If there is no memory for one more, the oldest body of the network
 * with the largest total is refused. Bodies that are too large are logged, at most one line a
 * minute for each limit: an application that exceeds the limit loses a command each time.
 */
public final class RequestBodies {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBodies.class);

  private final Account account;
  private final Timers timers;
  private final Executor pool;
  private final Consumer<BodyLimit> tooLarge;

  /** Incomplete bodies, by the bytes that each is charged. */
  private final FairShares<RequestBody> arriving = new FairShares<>();

  /**
   * @param account is charged for all bodies
   * @param timers start the timeout
   * @param pool runs what follows from the timeout
   */
  public RequestBodies(Account account, Timers timers, Executor pool) {
    this(account, timers, pool, log(timers));
  }

  /**
   * @param tooLarge receives the limit of each body that exceeds it
   */
  RequestBodies(Account account, Timers timers, Executor pool, Consumer<BodyLimit> tooLarge) {
    this.account = account;
    this.timers = timers;
    this.pool = pool;
    this.tooLarge = tooLarge;
  }

  private static Consumer<BodyLimit> log(Timers timers) {
    RateLimit.Line<BodyLimit> line =
        (times, limit) ->
            LOG.warn(
                "event=body_too_large times={} limit={} setting={}",
                times,
                limit.bytes(),
                limit.setting());
    Map<BodyLimit, RateLimit<BodyLimit>> lines = new ConcurrentHashMap<>(2);
    return limit ->
        lines.computeIfAbsent(limit, first -> new RateLimit<>(timers, line)).count(limit);
  }

  Timers timers() {
    return timers;
  }

  Executor pool() {
    return pool;
  }

  /**
   * Starts to read, in the servlet's own method and after the request was made asynchronous.
   *
   * @param network the client's network, as {@code Caller.address} names it
   * @param limit of the body's size
   */
  public void read(
      HttpServletRequest request, String network, BodyLimit limit, RequestBody.Receiver receiver)
      throws IOException {
    long length = request.getContentLengthLong();
    ServletInputStream in = request.getInputStream();
    if (length > limit.bytes()) {
      Refusal refusal = exceeded(limit);
      refuse(in, length, () -> receiver.refused(refusal));
    } else {
      boolean isWhole = length >= 0 && in.available() >= length;
      new RequestBody(in, network, limit, this, receiver).begin(isWhole);
    }
  }

  private void refuse(ServletInputStream in, long length, Runnable refusal) {
    if (length > ExcessBody.MAX_LENGTH) {
      refusal.run();
    } else {
      new ExcessBody(in, refusal, timers, pool);
    }
  }

  /** Counts a body that is too large, and returns its refusal. */
  Refusal exceeded(BodyLimit limit) {
    tooLarge.accept(limit);
    return new Refusal(
        413,
        "the body is larger than "
            + limit.bytes()
            + " bytes, the limit of the setting "
            + limit.setting());
  }

  /** The holder of a body, for which others may be evicted. */
  Holder holder(RequestBody body) {
    return account.holder((kind, total) -> makesRoom(body, total));
  }

  /** The body, which isn't complete yet, is charged this many bytes from now on. */
  void arrives(RequestBody body, long bytes) {
    arriving.put(body.network(), body, bytes);
  }

  /** The body is complete or refused. */
  void over(RequestBody body) {
    arriving.remove(body.network(), body);
  }

  /**
   * Evicts a body.
   *
   * @param body the body that needs room, which isn't evicted itself
   * @param total what this body would then be charged
   */
  private boolean makesRoom(RequestBody body, long total) {
    String network = body.network();
    RequestBody oldest = arriving.takeOldest(network, arriving.totalWithout(network, body) + total);
    if (oldest == null || oldest == body) {
      return false;
    }
    oldest.giveWay();
    return true;
  }
}
