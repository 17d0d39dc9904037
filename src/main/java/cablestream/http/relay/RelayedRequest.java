package cablestream.http.relay;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/**
 * A request that another node has handed on, as it reached that node: the address at the other end
 * is its client's, or its proxy's, so the caller, and which headers are trusted, are the same on
 * both.
 */
final class RelayedRequest extends HttpServletRequestWrapper {
  private final HandedOn.Origin origin;
  private final String query;

  RelayedRequest(HttpServletRequest request, HandedOn.Origin origin) {
    super(request);
    this.origin = origin;
    String handedOn = HandedOn.decodedQuery(request.getHeader(HandedOn.QUERY));
    query = handedOn == null ? request.getQueryString() : handedOn;
  }

  @Override
  public String getQueryString() {
    return query;
  }

  @Override
  public String getRemoteAddr() {
    return origin.peer();
  }

  /** The connection between two nodes has another one, which means nothing. */
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
