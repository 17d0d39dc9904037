package cablestream.http;

import cablestream.browser.Refusal;
import cablestream.cluster.Node;
import cablestream.cluster.Nodes;
import cablestream.cluster.Nodes.Claimed;
import cablestream.cluster.Nodes.Question;
import cablestream.cluster.Origin;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Cors;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * Brings a request to the node that has its session. Most are there already. Of another, this node
 * asks whose it is, and hands it on; the request waits meanwhile, and is dispatched a second time
 * with what has come of it: that it is to be served here, a refusal, or the other node's answer.
 * Commands are dispatched before they are handed on, as their body is yet to be read, by which this
 * node's limits hold, and none is sent before it is complete.
 */
final class NodeRouter {
  /** The request's {@link Origin}, where another node has handed it on. */
  private static final String HANDED_ON = "cablestream.handed-on";

  /** What has come of it. */
  static final String OUTCOME = "cablestream.outcome";

  static final Refusal ELSEWHERE = new Refusal(Nodes.MISDIRECTED, "another node has this session");

  private static final Refusal REPEATED =
      new Refusal(503, "this has been handed on before, or much later than others", 1);

  private static final Refusal STRANGER =
      new Refusal(
          403, "no node of this cluster has handed this on: do all have the same cluster.secret?");

  private final Nodes nodes;
  private final HttpSettings settings;
  private final BridgeContext bridge;
  private final Cors cors;

  NodeRouter(BridgeContext bridge, Cors cors) {
    this.bridge = bridge;
    this.cors = cors;
    nodes = bridge.nodes();
    settings = bridge.settings();
  }

  /**
   * The request as it reached the node that was asked first.
   *
   * @throws RefusedException 403 where it claims to come from a node, and doesn't; 421 where it is
   *     for a node that was here before; 503 where it came before
   */
  HttpServletRequest unwrap(HttpServletRequest request, HttpServletResponse response) {
    Origin known = (Origin) request.getAttribute(HANDED_ON);
    if (known != null) {
      return new RelayedRequest(request, known);
    }
    String signature = request.getHeader(Nodes.SIGNATURE);
    if (signature == null) {
      return request;
    }
    response.setHeader(Nodes.ANSWERING, nodes.id());
    Claimed claimed =
        nodes.verified(
            signature,
            RelayedRequest.of(
                request, settings.dialling().forwardedHeaders(), null, Duration.ZERO));
    if (claimed instanceof Claimed.HandedOn handedOn) {
      request.setAttribute(HANDED_ON, handedOn.origin());
      return new RelayedRequest(request, handedOn.origin());
    }
    throw new RefusedException(
        claimed instanceof Claimed.Forged
            ? STRANGER
            : claimed instanceof Claimed.Repeated ? REPEATED : ELSEWHERE);
  }

  /**
   * Whether the request is dealt with, or will be; else it is to be served here, now.
   *
   * @param trial whether it is for a session that leads nowhere
   */
  boolean takes(
      RequestParameters asked,
      SessionManager sessions,
      boolean trial,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    String eventsId = asked.sessionRequest().eventsId();
    if (!nodes.areOthers()) {
      return false;
    }
    NodeSearch.Outcome outcome = (NodeSearch.Outcome) request.getAttribute(OUTCOME);
    if (outcome != null) {
      return takes(outcome, request, response);
    }
    if (sessions.has(eventsId)) {
      return false;
    }
    boolean handedOn = request.getAttribute(HANDED_ON) != null;
    Question question =
        new Question(ServedSessions.name(eventsId, trial), asked.opens(), handedOn, null);
    NodeSearch search = new NodeSearch(question, asked, request, bridge, cors);
    Node known = handedOn ? null : nodes.known(question.session());
    if (known != null && search.hasBody()) {
      search.handOnWithBody(known, request, response);
    } else {
      search.begin(known);
    }
    return true;
  }

  private static boolean takes(
      NodeSearch.Outcome outcome, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      return outcome.takes(request, response);
    } catch (IOException | RuntimeException e) {
      outcome.discard();
      throw e;
    }
  }
}
