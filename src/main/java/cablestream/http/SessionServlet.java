package cablestream.http;

import cablestream.http.response.Cors;
import cablestream.http.response.Exchange;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What the three servlets on a session's URL have in common; {@link SessionRouter} picks one. */
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

  /** Whose sessions the request is for: the bridge's, unless the router says otherwise. */
  final SessionManager sessions(HttpServletRequest request) {
    Object others = request.getAttribute(SessionManager.class.getName());
    return others == null ? bridge.served().sessions() : (SessionManager) others;
  }

  final Exchange begin(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return Exchange.begin(request, response, cors, bridge.observer(), bridge.responses());
  }
}
