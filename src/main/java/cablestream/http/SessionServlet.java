package cablestream.http;

import cablestream.environment.Observer;
import cablestream.http.response.Cors;
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
  private transient SessionManager sessions;
  private transient Observer observer;
  private transient Responses responses;
  private transient Cors cors;

  @Override
  public void init() {
    bridge = BridgeContext.in(getServletContext());
    sessions = bridge.served().sessions();
    observer = bridge.observer();
    responses = bridge.responses();
    cors = new Cors(bridge.settings());
  }

  final BridgeContext bridge() {
    return bridge;
  }

  /** The session manager of the request: the bridge's, unless the router has chosen another. */
  final SessionManager sessions(HttpServletRequest request) {
    Object others = request.getAttribute(SessionManager.class.getName());
    return others == null ? sessions : (SessionManager) others;
  }

  final Exchange begin(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return new Exchange(request, response, cors, observer, responses);
  }
}
