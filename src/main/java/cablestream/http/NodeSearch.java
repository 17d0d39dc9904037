package cablestream.http;

import cablestream.browser.Refusal;
import cablestream.cluster.Answer;
import cablestream.cluster.HandedOn;
import cablestream.cluster.Node;
import cablestream.cluster.Nodes;
import cablestream.cluster.Nodes.Place;
import cablestream.cluster.Nodes.Question;
import cablestream.concurrent.Fault;
import cablestream.http.request.CommandParser;
import cablestream.http.request.RequestBody;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Cors;
import cablestream.http.response.Exchange;
import cablestream.http.response.Replies;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of one request: where is its session, and what does the node say that has it. */
final class NodeSearch {
  private static final Refusal BUSY =
      new Refusal(503, "too many sessions are being looked for", 1, 1_000);

  private static final Refusal UNKNOWN =
      new Refusal(503, "it can't be found out now which node has this session", 1);

  private static final Refusal NOT_THERE =
      new Refusal(503, "the node that has this session can't be reached", 1, 1_000);

  private static final Refusal BROKEN_OFF =
      new Refusal(
          502, "the node that has this session didn't answer: it may have done what was asked", 1);

  private static final Logger LOG = LoggerFactory.getLogger(NodeSearch.class);

  private final BridgeContext bridge;
  private final Cors cors;
  private final Nodes nodes;
  private final Relays relays;
  private final RequestParameters asked;
  private final HttpServletRequest request;
  private final HandedOn bodiless;
  private final String method;
  private final boolean stream;
  private Question question;
  private AsyncContext async;

  NodeSearch(
      Question question,
      RequestParameters asked,
      HttpServletRequest request,
      BridgeContext bridge,
      Cors cors) {
    this.bridge = bridge;
    this.cors = cors;
    nodes = bridge.nodes();
    relays = bridge.relays();
    this.question = question;
    this.asked = asked;
    this.request = request;
    method = request.getMethod();
    stream = asked.representation().isStream();
    bodiless =
        RelayedRequest.of(
            request,
            bridge.settings().dialling().forwardedHeaders(),
            RelayedRequest.origin(request),
            relays.patience(asked));
  }

  /** Whether it has one that matters; of a stream's POST none is ever read. */
  boolean hasBody() {
    return method.equals("POST") && !stream;
  }

  /**
   * Lets the request wait.
   *
   * @param known the node that has it; null where that is yet to be found out
   */
  void begin(Node known) {
    async = request.startAsync();
    async.setTimeout(0);
    if (known == null) {
      find();
    } else {
      handOn(known);
    }
  }

  private void find() {
    nodes.find(question, this::foundAtLast);
  }

  /** Whatever goes wrong, somebody waits for an answer. */
  private void foundAtLast(Place place) {
    try {
      found(place);
    } catch (RuntimeException e) {
      Fault.tell(LOG, "event=request_failed method=" + method, e);
      refuse(Replies.FAILED);
    }
  }

  private void found(Place place) {
    if (place instanceof Place.There there) {
      if (hasBody()) {
        become((again, response) -> handOnWithBody(there.node(), again, response));
      } else {
        handOn(there.node());
      }
    } else if (place instanceof Place.Here) {
      become((again, response) -> false);
    } else {
      refuse(
          place instanceof Place.Elsewhere
              ? NodeRouter.ELSEWHERE
              : place instanceof Place.Busy ? BUSY : UNKNOWN);
    }
  }

  private void handOn(Node node) {
    Relays.Relay relay = relays.open();
    if (relay == null) {
      refuse(Relays.TOO_MANY);
      return;
    }
    new RelayAttempt(nodes, question.session(), relay, node) {
      @Override
      void handBack(int status, List<Map.Entry<String, String>> headers, Body body) {
        become(new Answered(relay, status, headers, body));
      }

      @Override
      void lookAgain() {
        searchOn(node);
      }

      @Override
      void refuse(boolean mayBeDone) {
        boolean repeatable = method.equals("GET") || stream;
        NodeSearch.this.refuse(mayBeDone && !repeatable ? BROKEN_OFF : NOT_THERE);
      }
    }.send(bodiless);
  }

  /** Asks once more, if that hasn't been done: the session is another's, or nobody's by now. */
  private void searchOn(Node vain) {
    nodes.forget(question.session());
    if (question.vain() == null) {
      question = question.after(vain);
      find();
    } else {
      refuse(NOT_THERE);
    }
  }

  /** The container calls again, with what there is to be done. */
  private void become(Outcome outcome) {
    try {
      request.setAttribute(NodeRouter.OUTCOME, outcome);
      async.dispatch();
    } catch (IllegalStateException e) {
      // The client has gone meanwhile, and the container has ended the request.
      outcome.discard();
    }
  }

  private void refuse(Refusal refusal) {
    become(
        (again, response) -> {
          refuse(begin(again, response), refusal);
          return true;
        });
  }

  private void refuse(Exchange exchange, Refusal refusal) {
    if (stream) {
      exchange.stream(() -> false).turnedAway(refusal, asked.sessionRequest().mode());
    } else {
      exchange.refuse(refusal);
    }
  }

  // ---- commands ----

  private Exchange begin(HttpServletRequest again, HttpServletResponse response)
      throws IOException {
    return Exchange.begin(again, response, cors, bridge.observer(), bridge.responses());
  }

  /** In the filter's own method. */
  boolean handOnWithBody(Node node, HttpServletRequest again, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(again, response);
    bridge
        .bodies()
        .read(
            again,
            new CommandParser(asked.sessionRequest().mode(), bridge.settings().bodies()).limit(),
            new RequestBody.Receiver() {
              @Override
              public void received(byte[] body) {
                handOn(exchange, node, body);
              }

              @Override
              public void refused(Refusal refusal) {
                exchange.refuse(refusal);
              }
            });
    return true;
  }

  private void handOn(Exchange exchange, Node node, byte[] body) {
    Relays.Relay relay = relays.open(body.length);
    if (relay == null) {
      exchange.refuse(Relays.TOO_MANY);
      return;
    }
    new RelayAttempt(nodes, question.session(), relay, node) {
      @Override
      void handBack(int status, List<Map.Entry<String, String>> headers, Body rest) {
        relay.answer(exchange.response(), status, headers, rest);
      }

      @Override
      void lookAgain() {
        searchOn(exchange, node, body);
      }

      @Override
      void refuse(boolean mayBeDone) {
        exchange.refuse(mayBeDone ? BROKEN_OFF : NOT_THERE);
      }
    }.send(bodiless.with(body));
  }

  /** What isn't another's has no session here either, as nothing has opened one. */
  private void searchOn(Exchange exchange, Node vain, byte[] body) {
    nodes.forget(question.session());
    if (question.vain() != null) {
      exchange.refuse(NOT_THERE);
      return;
    }
    question = question.after(vain);
    nodes.find(
        question,
        place -> {
          if (place instanceof Place.There there && !there.node().id().equals(vain.id())) {
            handOn(exchange, there.node(), body);
          } else {
            exchange.refuse(NOT_THERE);
          }
        });
  }

  /** What has come of a request that had to wait. */
  interface Outcome {
    /** As {@link NodeRouter#takes}. */
    boolean takes(HttpServletRequest request, HttpServletResponse response) throws IOException;

    /** Nobody wants it any more. */
    default void discard() {}
  }

  /** Another node's answer. */
  private final class Answered implements Outcome {
    private final Relays.Relay relay;
    private final int status;
    private final List<Map.Entry<String, String>> headers;
    private final Answer.Body body;

    Answered(
        Relays.Relay relay, int status, List<Map.Entry<String, String>> headers, Answer.Body body) {
      this.relay = relay;
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    @Override
    public boolean takes(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      relay.answer(bridge.responses().start(request, response), status, headers, body);
      return true;
    }

    @Override
    public void discard() {
      body.cancel();
      relay.end();
    }
  }
}
