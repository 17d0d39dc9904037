package cablestream.http.relay;

import cablestream.cluster.Node;
import cablestream.concurrent.Fault;
import cablestream.outbound.AnswerLimit;
import cablestream.outbound.OutboundClient;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.ConnectionPool;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Sends requests to other nodes by Jetty's client, without blocking. */
final class HttpRelay implements AutoCloseable {
  private static final String NAME = "cablestream-relay";
  private static final int MAX_THREADS = 16;

  /** Far fewer than threads, as each occupies one: Jetty wouldn't start otherwise. */
  private static final int SELECTORS = Math.min(4, Runtime.getRuntime().availableProcessors());

  private static final long CONNECT_MILLIS = 2_000;

  /**
   * Shorter than any container's: a request must not be sent on a connection that is being closed.
   */
  private static final long IDLE_MILLIS = 5_000;

  /** More than the default of {@code cable.max-forwarded}. */
  private static final int MAX_HEADERS = 64 * 1024;

  /** The response header with the node's id. A response without it isn't a node's. */
  static final String ANSWERING = "Cablestream-Node";

  /** RFC 9110, 15.5: a container's responses to requests that don't reach its web application. */
  private static final Set<Integer> OF_CONTAINER = Set.of(400, 413, 414, 431);

  private static final Set<Integer> NO_CONTENT = Set.of(204, 304);

  /** A container without the web application: not started yet, undeployed, or stopping. */
  private static final Set<Integer> WITHOUT_APPLICATION = Set.of(404, 503);

  /** The outcome of a relayed request: one call, on any thread. */
  interface Answer {
    /** The other node answers. */
    void answered(RelayedAnswer answer);

    /**
     * The other node is gone: nothing listens at its address, or its lease has ended.
     *
     * @param sent whether the request may have been carried out
     */
    void gone(String why, boolean sent);

    /**
     * No node has answered; the other one may still be alive.
     *
     * @param sent whether the request may have been carried out
     */
    void unanswered(String why, boolean sent);
  }

  /** Why a request is given up: its node's lease has ended. */
  private static final class OrphanedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private final HttpClient client;

  HttpRelay() {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName(NAME);
    threads.setDaemon(true);
    ClientConnector connector = new ClientConnector();
    connector.setExecutor(threads);
    connector.setSelectors(SELECTORS);
    connector.setTCPNoDelay(true);
    connector.setSslContextFactory(new SslContextFactory.Client());
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    transport.setConnectionPoolFactory(HttpRelay::connections);
    // The callbacks never block, so the thread that reads an event also writes it.
    transport.setInvocationType(Invocable.InvocationType.NON_BLOCKING);
    client = OutboundClient.of(transport, NAME);
    client.setExecutor(threads);
    client.setConnectTimeout(CONNECT_MILLIS);
    client.setIdleTimeout(IDLE_MILLIS);
    client.setMaxRequestHeadersSize(MAX_HEADERS);
    client.setMaxResponseHeadersSize(MAX_HEADERS);
    client.setMaxRequestsQueuedPerDestination(Integer.MAX_VALUE); // the caller limits them
    LifeCycle.start(client);
  }

  private static ConnectionPool connections(Destination destination) {
    return new DuplexConnectionPool(destination, Integer.MAX_VALUE);
  }

  /**
   * Sends the request.
   *
   * @return gives up an incomplete response when the node's lease has ended
   */
  Runnable send(Node to, HandedOn handedOn, String signature, Answer answer) {
    Request request =
        client
            .newRequest(to.address())
            .path(to.address().getRawPath() + handedOn.path())
            .method(handedOn.method())
            .idleTimeout(handedOn.patience().toMillis(), TimeUnit.MILLISECONDS);
    request.headers(
        headers -> {
          handedOn.headers().forEach(headers::put);
          headers.put(Signatures.HEADER, signature);
          if (handedOn.query() != null) {
            headers.put(HandedOn.QUERY, handedOn.encodedQuery());
          }
        });
    if (handedOn.body() != null) {
      // Its type is among the other headers.
      request.body(new BytesRequestContent((String) null, handedOn.body()));
    }
    Exchange exchange = new Exchange(to, answer);
    AnswerLimit limit = new AnswerLimit();
    request
        .onRequestBegin(exchange::began)
        .onResponseHeader(limit)
        .onResponseHeaders(limit)
        .onResponseContentSource(exchange)
        .send(exchange::complete);
    return () -> request.abort(new OrphanedException());
  }

  /** Reports the answer once. */
  private static final class Exchange implements Response.ContentSourceListener {
    private final Node to;
    private final Answer answer;
    private boolean began;
    private boolean answered;
    private int foreign;

    Exchange(Node to, Answer answer) {
      this.to = to;
      this.answer = answer;
    }

    /** There is a connection, and from now on the other end may have read data. */
    void began(Request request) {
      began = true;
    }

    @Override
    public void onContentSource(Response response, Content.Source source) {
      if (!counts(response) || !isDelimited(response)) {
        foreign = response.getStatus();
        response.abort(new IOException("foreign"));
        return;
      }
      answered = true;
      answer.answered(new RelayedAnswer(response, source));
    }

    /** Whether a node has answered, not another server at its address. */
    private boolean counts(Response response) {
      String node = response.getHeaders().get(ANSWERING);
      int status = response.getStatus();
      return node == null
          ? OF_CONTAINER.contains(status)
          : node.equals(to.id()) || status == Signatures.MISDIRECTED;
    }

    /** Whether the browser would notice a truncated response. */
    private static boolean isDelimited(Response response) {
      String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
      return NO_CONTENT.contains(response.getStatus())
          || response.getHeaders().contains(HttpHeader.CONTENT_LENGTH)
          || type != null && type.startsWith("text/event-stream"); // a stream never completes
    }

    void complete(Result result) {
      if (answered) {
        return; // the body's reader handles the failure
      }
      Throwable failure = result.getFailure();
      if (failure instanceof OrphanedException) {
        answer.gone("its lease has ended", began);
      } else if (failure instanceof ConnectException) {
        answer.gone(Fault.kind(failure), false);
      } else {
        answer.unanswered(words(failure), began && !WITHOUT_APPLICATION.contains(foreign));
      }
    }

    /** A fixed text: the library's message contains the target. */
    private String words(Throwable failure) {
      return foreign == 0
          ? Fault.kind(failure)
          : "status " + foreign + ", by something that isn't the node";
    }
  }

  @Override
  public void close() {
    LifeCycle.stop(client);
  }
}
