package cablestream.http.relay;

import cablestream.browser.Refusal;
import cablestream.cluster.Cluster;
import cablestream.cluster.Node;
import cablestream.cluster.Place;
import cablestream.cluster.Question;
import cablestream.concurrent.Fault;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For one request: finds the node that has its session, and relays that node's response.
 *
 * <p>A request without a body waits in the container until the node is known, and is then
 * dispatched again with an {@link Outcome}. One with a body is dispatched before it is relayed, as
 * its body is read within this node's limits; its response is then taken over ({@code exchange}).
 *
 * <p>Not thread-safe.
 */
final class NodeSearch implements HttpRelay.Answer {
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

  private static final Logger LOG = LoggerFactory.getLogger(NodeSearch.class);

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
  private final NodeRouter router;
  private final RequestParameters asked;
  private final HttpServletRequest request;
  private final HandedOn bodiless;
  private final String method;
  private final boolean stream;
  private final boolean hasBody;
  private Question question;

  // For a request that waits in the container.
  private AsyncContext async;

  // For a request whose response is taken over.
  private Exchange exchange;
  private byte[] body = {};

  // The node to which it is relayed.
  private Node node;

  /** Whether the node was found without the store. */
  private boolean remembered;

  private Relays.Relay relay;

  NodeSearch(
      Question question,
      RequestParameters asked,
      HttpServletRequest request,
      HandedOn bodiless,
      Cluster cluster,
      Relays relays,
      NodeRouter router) {
    this.question = question;
    this.asked = asked;
    this.request = request;
    this.bodiless = bodiless;
    this.cluster = cluster;
    this.relays = relays;
    this.router = router;
    method = request.getMethod();
    stream = asked.representation().isStream();
    hasBody = method.equals("POST") && !stream; // a stream's POST is never read
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
            Fault.log(LOG, "event=request_failed method=" + method, e);
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
      refuse(NOT_THERE); // no other node has it, so it isn't here either: only a stream opens it
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
    exchange = router.begin(again, response);
    router.read(
        again,
        asked,
        new RequestBody.Receiver() {
          @Override
          public void received(byte[] complete) {
            body = complete;
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
    relay = relays.open(body.length);
    if (relay == null) {
      refuse(TOO_MANY);
    } else {
      relay.send(to, exchange == null ? bodiless : bodiless.with(body), this);
    }
  }

  @Override
  public void answered(RelayedAnswer answer) {
    if (answer.status() == HttpRelay.MISDIRECTED) {
      answer.cancel();
      relay.end();
      cluster.forget(question.session());
      searchOn();
    } else if (exchange != null) {
      answer.handBack(relay, exchange.response());
    } else {
      become(handingBack(answer));
    }
  }

  private Outcome handingBack(RelayedAnswer answer) {
    Relays.Relay from = relay;
    return new Outcome() {
      @Override
      public boolean apply(HttpServletRequest again, HttpServletResponse response)
          throws IOException {
        answer.handBack(from, router.begin(again, response).response());
        return true;
      }

      @Override
      public void discard() {
        answer.cancel();
        from.end();
      }
    };
  }

  @Override
  public void gone(String why, boolean sent) {
    fail(why);
    if (sent && !isRepeatable()) {
      refuse(BROKEN_OFF);
    } else {
      searchOn();
    }
  }

  @Override
  public void unanswered(String why, boolean sent) {
    fail(why);
    if (sent && !isRepeatable()) {
      refuse(BROKEN_OFF);
    } else if (remembered) {
      // A remembered node may have released the session; the store knows.
      remembered = false;
      find();
    } else {
      refuse(NOT_THERE);
    }
  }

  private void fail(String why) {
    relay.fail(node, why);
    cluster.forget(question.session());
  }

  private boolean isRepeatable() {
    return stream || method.equals("GET");
  }

  /**
   * Looks the session up once more, unless that was done: another node may have it by now, or none.
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
            refuse(router.begin(again, response), refusal);
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
      request.setAttribute(NodeRouter.OUTCOME, outcome);
      async.dispatch();
    } catch (IllegalStateException e) {
      // The client has disconnected meanwhile, and the container has ended the request.
      outcome.discard();
    }
  }
}
