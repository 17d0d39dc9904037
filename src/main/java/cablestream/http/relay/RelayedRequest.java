package cablestream.http.relay;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/**
 * A request that another node has relayed, as it reached that node: the remote address is that of
 * its client or proxy. So the caller, and which headers are trusted, are the same on both nodes.
 */
final class RelayedRequest extends HttpServletRequestWrapper {
  private final HandedOn.Origin origin;
  private final String query;

  RelayedRequest(HttpServletRequest request, HandedOn.Origin origin) {
    super(request);
    this.origin = origin;
    query = HandedOn.decodedQuery(request.getHeader(HandedOn.QUERY));
  }

  @Override
  public String getQueryString() {
    return query;
  }

  @Override
  public String getRemoteAddr() {
    return origin.peer();
  }

  /** The connection between two nodes has another port, which is meaningless. */
  @Override
  public int getRemotePort() {
    return 0;
  }

  @Override
  public String getScheme() {
    return origin.scheme();
  }

  @Override
  public boolean isSecure() {
    return origin.scheme().equals("https");
  }
}
