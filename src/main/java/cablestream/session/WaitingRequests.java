package cablestream.session;

import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.util.ArrayList;
import java.util.List;

/** Requests that wait for a session's dial, so many and so large and no more. */
final class WaitingRequests {
  static final int MOST = 64;

  private final Holder holder;
  private final long mostBytes;
  private final List<Request> requests = new ArrayList<>(1);
  private long bytes;

  /**
   * @param mostBytes of all of them; one alone may be larger
   */
  WaitingRequests(Holder holder, long mostBytes) {
    this.holder = holder;
    this.mostBytes = mostBytes;
  }

  /** Lets it wait, or refuses it. */
  void add(Request request) {
    long size = request.size();
    if (requests.size() >= MOST || !requests.isEmpty() && bytes + size > mostBytes) {
      request.refuse(new Refusal(429, "too many requests wait for this session's dial", 1));
    } else if (!holder.take(Kind.COMMAND, size)) {
      request.refuse(new Refusal(503, "too much waits for dials", 5));
    } else {
      requests.add(request);
      bytes += size;
    }
  }

  /** All of them, in order; none waits afterwards. */
  List<Request> takeAll() {
    List<Request> all = List.copyOf(requests);
    requests.clear();
    holder.giveBack(Kind.COMMAND, bytes);
    bytes = 0;
    return all;
  }
}
