package cablestream.http;

import cablestream.http.relay.ServedSessions;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Responses;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The common part of the three servlets on a session's URL; {@link SessionRouter} chooses one. */
abstract class SessionServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BridgeContext bridge;
  private transient ServedSessions served;
  private transient Responses responses;

  @Override
  public void init() {
    bridge = BridgeContext.in(getServletContext());
    served = bridge.served();
    responses = bridge.responses();
  }

  final BridgeContext bridge() {
    return bridge;
  }

  final SessionManager sessions(RequestParameters request) {
    return served.manager(request.isTrial());
  }

  final Exchange begin(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return new Exchange(request, response, responses);
  }
}
