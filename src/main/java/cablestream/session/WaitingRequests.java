package cablestream.session;

import java.util.ArrayList;
import java.util.List;

/** Requests that wait for a session's dial, so many and so large and no more. */
final class WaitingRequests {
  static final int MOST = 64;

  private final long mostBytes;
  private final List<Request> requests = new ArrayList<>(1);
  private long bytes;

  /**
   * @param mostBytes of all of them; one alone may be larger
   */
  WaitingRequests(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /**
   * @return false if it can't wait
   */
  boolean add(Request request) {
    long size = request.size();
    boolean fits = requests.size() < MOST && (requests.isEmpty() || bytes + size <= mostBytes);
    if (fits) {
      requests.add(request);
      bytes += size;
    }
    return fits;
  }

  /** All of them, in order; none waits afterwards. */
  List<Request> takeAll() {
    List<Request> all = List.copyOf(requests);
    requests.clear();
    bytes = 0;
    return all;
  }
}
