package cablestream.http.relay;

import cablestream.browser.Refusal;
import cablestream.cluster.Cluster;
import cablestream.cluster.Node;
import cablestream.cluster.Place;
import cablestream.cluster.Question;
import cablestream.concurrent.Fault;
import cablestream.http.relay.HandedOn.Origin;
import cablestream.http.request.CommandParser;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestBodies;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import cablestream.http.response.Responses;
import cablestream.http.response.TcpTable;
import cablestream.memory.Holder;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a request to the node that has its session. Most requests reach it directly. For others
 * this node looks up the session's node, and relays the request there. The request waits meanwhile,
 * and is dispatched a second time with the result: to be served here, a refusal, or the other
 * node's response.
 */
public final class NodeRouter {
  /** The request attribute with the {@link Origin}, if another node has relayed it. */
  private static final String HANDED_ON = "cablestream.handed-on";

  /** The request attribute with the result. */
  private static final String OUTCOME = "cablestream.outcome";

  private static final Refusal BUSY =
      new Refusal(503, "too many sessions are being looked up", 1, 1_000);

  private static final Refusal UNKNOWN =
      new Refusal(503, "the node of this session can't be determined now", 1);

  private static final Refusal NOT_THERE =
      new Refusal(503, "the node that has this session can't be reached", 1, 1_000);

  private static final Refusal TOO_MANY =
      new Refusal(503, "too many requests are being relayed to other nodes", 1, 1_000);

  private static final Refusal BROKEN_OFF =
      new Refusal(
          502,
          "the node that has this session didn't answer: it may have carried out the request",
          1);

  /** For a client that has closed only its sending side, which no browser does. */
  private static final Refusal HUNG_UP = new Refusal(503, "the client has disconnected", 1);

  private static final Logger LOG = LoggerFactory.getLogger(NodeRouter.class);

  /** The result for a request that had to wait. */
  interface Outcome {
    /**
     * In the filter's own method.
     *
     * @return false if the request must be served here, now
     */
    boolean apply(HttpServletRequest request, HttpServletResponse response) throws IOException;

    /** The client has disconnected. */
    default void discard() {}
  }

  private final Cluster cluster;
  private final Relays relays;
  private final ServedSessions served;
  private final HttpSettings settings;
  private final Responses responses;
  private final RequestBodies bodies;

  /**
   * @param cluster null for a single bridge; {@code relays} is then also null
   */
  public NodeRouter(
      Cluster cluster,
      Relays relays,
      ServedSessions served,
      HttpSettings settings,
      Responses responses,
      RequestBodies bodies) {
    this.cluster = cluster;
    this.relays = relays;
    this.served = served;
    this.settings = settings;
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
      response.setHeader(Relay.ANSWERING, cluster.id());
      HandedOn signed =
          HandedOn.of(new RelayedRequest(request, Origin.of(request)), forwardedHeaders());
      origin = relays.signatures().verify(signature, signed);
      request.setAttribute(HANDED_ON, origin);
    }
    return new RelayedRequest(request, origin);
  }

  /** Whether the request is answered, now or later; otherwise it must be served here, now. */
  public boolean takes(
      RequestParameters asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (cluster == null) {
      return false;
    }
    Outcome outcome = (Outcome) request.getAttribute(OUTCOME);
    if (outcome != null) {
      return apply(outcome, request, response);
    }
    String eventsId = asked.sessionRequest().eventsId();
    if (served.manager(asked.isTrial()).has(eventsId)) {
      return false;
    }
    boolean isHandedOn = request.getAttribute(HANDED_ON) != null;
    HandedOn bodiless = HandedOn.of(request, forwardedHeaders());
    Question question =
        new Question(
            ServedSessions.name(eventsId, asked.isTrial()),
            asked.sessionRequest().caller().address(),
            bodiless.weight(),
            asked.opens(),
            isHandedOn,
            null);
    new Search(asked, request, bodiless, question)
        .begin(isHandedOn ? null : cluster.known(question.session()), response);
    return true;
  }

  private List<String> forwardedHeaders() {
    return settings.dialling().forwardedHeaders();
  }

  private Exchange begun(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return new Exchange(request, response, responses);
  }

  private static boolean apply(
      Outcome outcome, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      return outcome.apply(request, response);
    } catch (IOException | RuntimeException e) {
      outcome.discard();
      throw e;
    }
  }

  /**
   * For one request: finds the node that has its session, and relays that node's response.
   *
   * <p>A request without a body waits in the container until the node is known, and is then
   * dispatched again with an {@link Outcome}. One with a body is dispatched before it is relayed,
   * as its body is read within this node's limits; its response is then taken over ({@code
   * exchange}).
   *
   * <p>Not thread-safe.
   */
  private final class Search implements Relay.Receiver {
    private final RequestParameters asked;
    private final HttpServletRequest request;
    private final boolean stream;
    private final boolean hasBody;
    private final TcpTable.Connection client;
    private HandedOn handedOn;
    private Question question;

    /** For a request that waits in the container. */
    private AsyncContext async;

    /** For a request whose response is taken over. */
    private Exchange exchange;

    /** The node to which it is relayed. */
    private Node node;

    /** Whether the node was found without the store. */
    private boolean remembered;

    Search(
        RequestParameters asked, HttpServletRequest request, HandedOn bodiless, Question question) {
      this.asked = asked;
      this.request = request;
      handedOn = bodiless;
      this.question = question;
      stream = asked.isStream();
      hasBody = handedOn.method().equals("POST") && !stream; // a stream's POST is never read
      client = responses.tcpTable().connection(request);
    }

    /**
     * In the filter's own method.
     *
     * @param known the node that has the session; null if it must be looked up
     */
    void begin(Node known, HttpServletResponse response) throws IOException {
      remembered = known != null;
      if (known != null && hasBody) {
        readBody(known, request, response);
        return;
      }
      async = request.startAsync();
      async.setTimeout(0);
      if (known == null) {
        find();
      } else {
        handOn(known);
      }
    }

    private void find() {
      cluster.find(
          question,
          place -> {
            try {
              found(place);
            } catch (Throwable e) {
              Fault.log(LOG, "event=request_failed method=" + handedOn.method(), e);
              refuse(Replies.FAILED); // the client waits for an answer
            }
          });
    }

    private void found(Place place) {
      if (place instanceof Place.There there) {
        if (hasBody && exchange == null) {
          become((again, response) -> readBody(there.node(), again, response));
        } else {
          handOn(there.node());
        }
      } else if (exchange != null) {
        // No other node has it, and this one can't serve it any more: its body was read. A client's
        // repetition is served here.
        refuse(NOT_THERE);
      } else if (place instanceof Place.Here) {
        become((again, response) -> false);
      } else if (place instanceof Place.Elsewhere) {
        refuse(Signatures.FOR_ANOTHER);
      } else {
        refuse(place instanceof Place.Busy ? BUSY : UNKNOWN);
      }
    }

    private boolean readBody(Node to, HttpServletRequest again, HttpServletResponse response)
        throws IOException {
      exchange = begun(again, response);
      CommandParser parser = new CommandParser(asked.sessionRequest().mode(), settings.bodies());
      bodies.read(
          again,
          asked.sessionRequest().caller().address(),
          parser.limit(),
          new RequestBody.Receiver() {
            @Override
            public void received(byte[] complete, Holder holder) {
              handedOn = handedOn.with(complete);
              question = question.weighing(handedOn.weight());
              handOn(to);
            }

            @Override
            public void refused(Refusal refusal) {
              refuse(refusal);
            }
          });
      return true;
    }

    private void handOn(Node to) {
      node = to;
      Duration patience = relays.patience(asked);
      if (!relays.send(to, handedOn, patience, client::isClosedByPeer, this)) {
        refuse(TOO_MANY);
      }
    }

    @Override
    public void answered(Relay relay) {
      if (relay.status() == Signatures.MISDIRECTED) {
        relay.cancel();
        cluster.forget(question.session());
        searchOn();
      } else if (exchange != null) {
        relay.handBack(exchange.response());
      } else {
        become(handingBack(relay));
      }
    }

    private Outcome handingBack(Relay relay) {
      return new Outcome() {
        @Override
        public boolean apply(HttpServletRequest again, HttpServletResponse response)
            throws IOException {
          relay.handBack(begun(again, response).response());
          return true;
        }

        @Override
        public void discard() {
          relay.cancel();
        }
      };
    }

    @Override
    public void gone(boolean executed) {
      if (mayRepeat(executed)) {
        searchOn();
      }
    }

    @Override
    public void unanswered(boolean executed) {
      boolean repeated = mayRepeat(executed);
      if (repeated && remembered) {
        // A remembered node may have released the session; the store knows.
        remembered = false;
        find();
      } else if (repeated) {
        refuse(NOT_THERE);
      }
    }

    @Override
    public void unneeded() {
      refuse(HUNG_UP);
    }

    /** Whether the request may be sent once more; otherwise it is refused. */
    private boolean mayRepeat(boolean executed) {
      cluster.forget(question.session());
      boolean repeatable = !executed || stream || handedOn.method().equals("GET");
      if (!repeatable) {
        refuse(BROKEN_OFF);
      }
      return repeatable;
    }

    /**
     * Looks the session up once more, unless that was done: another node may have it by now, or
     * none.
     */
    private void searchOn() {
      if (question.excluded() == null) {
        question = question.excluding(node);
        find();
      } else {
        refuse(NOT_THERE);
      }
    }

    private void refuse(Refusal refusal) {
      if (exchange != null) {
        exchange.refuse(refusal);
      } else {
        become(
            (again, response) -> {
              refuse(begun(again, response), refusal);
              return true;
            });
      }
    }

    private void refuse(Exchange begun, Refusal refusal) {
      if (stream) {
        begun.stream().refusedOrPostponed(refusal, asked.sessionRequest().mode());
      } else {
        begun.refuse(refusal);
      }
    }

    /** Has the container dispatch the request again, with this outcome. */
    private void become(Outcome outcome) {
      try {
        request.setAttribute(OUTCOME, outcome);
        async.dispatch();
      } catch (IllegalStateException e) {
        // The client has disconnected meanwhile, and the container has ended the request.
        outcome.discard();
      }
    }
  }
}
