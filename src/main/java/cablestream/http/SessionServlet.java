package cablestream.http;

import cablestream.http.response.Cors;
import cablestream.http.response.Exchange;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The common part of the three servlets on a session's URL; {@link SessionRouter} chooses one. */
abstract class SessionServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BridgeContext bridge;
  private transient Cors cors;

  @Override
  public void init() {
    bridge = BridgeContext.in(getServletContext());
    cors = new Cors(bridge.settings());
  }

  final BridgeContext bridge() {
    return bridge;
  }

  /** The session manager of the request: the bridge's, unless the router has chosen another. */
  final SessionManager sessions(HttpServletRequest request) {
    Object others = request.getAttribute(SessionManager.class.getName());
    return others == null ? bridge.served().sessions() : (SessionManager) others;
  }

  final Exchange begin(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return Exchange.begin(request, response, cors, bridge.observer(), bridge.responses());
  }
}
