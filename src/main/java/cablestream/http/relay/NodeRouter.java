package cablestream.http.relay;

import cablestream.cluster.Cluster;
import cablestream.cluster.Question;
import cablestream.environment.Observer;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.CommandParser;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestBodies;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Cors;
import cablestream.http.response.Exchange;
import cablestream.http.response.Responses;
import cablestream.session.SessionManager;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Brings a request to the node that has its session. Most requests reach it directly. For others
 * this node looks up the session's node, and relays the request there. The request waits meanwhile,
 * and is dispatched a second time with the result: to be served here, a refusal, or the other
 * node's response ({@link NodeSearch}).
 */
public final class NodeRouter {
  /** The request attribute with the {@link Origin}, if another node has relayed it. */
  private static final String HANDED_ON = "cablestream.handed-on";

  /** The request attribute with the result. */
  static final String OUTCOME = "cablestream.outcome";

  private final Cluster cluster;
  private final Relays relays;
  private final HttpSettings settings;
  private final Cors cors;
  private final Observer observer;
  private final Responses responses;
  private final RequestBodies bodies;

  /**
   * @param cluster null for a single bridge; {@code relays} is then also null
   * @param observer is informed of refused requests
   */
  public NodeRouter(
      Cluster cluster,
      Relays relays,
      HttpSettings settings,
      Cors cors,
      Observer observer,
      Responses responses,
      RequestBodies bodies) {
    this.cluster = cluster;
    this.relays = relays;
    this.settings = settings;
    this.cors = cors;
    this.observer = observer;
    this.responses = responses;
    this.bodies = bodies;
  }

  /**
   * The request as it reached the first node.
   *
   * @throws RefusedException 403 if it wrongly claims to come from a node; 421 if it is for a node
   *     that was here before; 503 if it is a repetition
   */
  public HttpServletRequest unwrap(HttpServletRequest request, HttpServletResponse response) {
    Origin origin = (Origin) request.getAttribute(HANDED_ON);
    if (origin == null) {
      String signature = request.getHeader(Signatures.HEADER);
      if (signature == null) {
        return request;
      }
      if (cluster == null) {
        throw new RefusedException(Signatures.FORGED);
      }
      response.setHeader(HttpRelay.ANSWERING, cluster.id());
      HandedOn signed =
          HandedOn.of(
              new RelayedRequest(request, Origin.of(request)),
              forwardedHeaders(),
              null,
              Duration.ZERO);
      origin = relays.signatures().verify(signature, signed);
      request.setAttribute(HANDED_ON, origin);
    }
    return new RelayedRequest(request, origin);
  }

  /**
   * Whether the request is answered, now or later; otherwise it must be served here, now.
   *
   * @param trial whether it is for a session without a server
   */
  public boolean takes(
      RequestParameters asked,
      SessionManager sessions,
      boolean trial,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (cluster == null) {
      return false;
    }
    NodeSearch.Outcome outcome = (NodeSearch.Outcome) request.getAttribute(OUTCOME);
    if (outcome != null) {
      return apply(outcome, request, response);
    }
    String eventsId = asked.sessionRequest().eventsId();
    if (sessions.has(eventsId)) {
      return false;
    }
    boolean handedOn = request.getAttribute(HANDED_ON) != null;
    HandedOn bodiless =
        HandedOn.of(request, forwardedHeaders(), Origin.of(request), relays.patience(asked));
    Question question =
        new Question(
            ServedSessions.name(eventsId, trial),
            asked.sessionRequest().caller().address(),
            bodiless.weight(),
            asked.opens(),
            handedOn,
            null);
    new NodeSearch(question, asked, request, bodiless, cluster, relays, this)
        .begin(handedOn ? null : cluster.known(question.session()), response);
    return true;
  }

  private List<String> forwardedHeaders() {
    return settings.dialling().forwardedHeaders();
  }

  /** As {@link Exchange#begin}; in the filter's own method. */
  Exchange begin(HttpServletRequest request, HttpServletResponse response) throws IOException {
    return Exchange.begin(request, response, cors, observer, responses);
  }

  /** As {@link RequestBodies#read}, within this node's limits. */
  void read(HttpServletRequest request, RequestParameters asked, RequestBody.Receiver receiver)
      throws IOException {
    CommandParser parser = new CommandParser(asked.sessionRequest().mode(), settings.bodies());
    bodies.read(request, asked.sessionRequest().caller().address(), parser.limit(), receiver);
  }

  private static boolean apply(
      NodeSearch.Outcome outcome, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      return outcome.apply(request, response);
    } catch (IOException | RuntimeException e) {
      outcome.discard();
      throw e;
    }
  }
}
