package cablestream.session;

import cablestream.browser.Refusal;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.List;

/** Requests that wait for a session's dial, with limits of their number and size. */
final class WaitingRequests {
  static final int MAX = 64;

  static final Refusal TOO_MANY =
      new Refusal(429, "too many requests wait for this session's dial", 1);

  /**
   * Until the first request is served, the session's reservation for its first listener and POST
   * covers two.
   */
  private static final int PAID = 2;

  private final Holder holder;
  private final long maxBytes;
  private final int responseBytes;
  private final List<Request> requests = new ArrayList<>(1);

  // Written inside the mailbox, read by any thread.
  private volatile int count;
  private volatile long bytes;

  /**
   * @param maxBytes of all of them; a single one may be larger
   * @param responseBytes the container's memory for each
   */
  WaitingRequests(Holder holder, long maxBytes, int responseBytes) {
    this.holder = holder;
    this.maxBytes = maxBytes;
    this.responseBytes = responseBytes;
  }

  /** Adds a request, or refuses it. */
  void add(Request request) {
    long size = request.size();
    if (!accepts(size)) {
      request.refuse(TOO_MANY);
    } else if (!reserves(size)) {
      request.refuse(new Refusal(503, "the requests that wait for dials are too large", 5));
    } else {
      requests.add(request);
      count = requests.size();
      bytes += size;
    }
  }

  private boolean reserves(long size) {
    if (!holder.reserve(Kind.COMMAND, size)) {
      return false;
    }
    boolean both = requests.size() < PAID || holder.reserve(Kind.LISTENER, responseBytes);
    if (!both) {
      holder.release(Kind.COMMAND, size);
    }
    return both;
  }

  /**
   * Whether one more would be accepted, as far as any thread can see.
   *
   * @param size a lower bound, in bytes
   */
  boolean accepts(long size) {
    return count == 0 || count < MAX && bytes + size <= maxBytes;
  }

  /** Whether the client of any request is still connected, as far as is known. */
  boolean isAwaited() {
    return !requests.stream().allMatch(Request::isClosedByPeer);
  }

  /** Removes and returns all of them, in order. */
  List<Request> takeAll() {
    List<Request> all = List.copyOf(requests);
    requests.clear();
    count = 0;
    holder.release(Kind.COMMAND, bytes);
    holder.release(Kind.LISTENER, (long) responseBytes * Math.max(0, all.size() - PAID));
    bytes = 0;
    return all;
  }
}
