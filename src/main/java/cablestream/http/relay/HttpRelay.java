package cablestream.http.relay;

import cablestream.cluster.Node;
import cablestream.outbound.AnswerLimit;
import cablestream.outbound.OutboundClient;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
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

    /** The client has disconnected, and the request was given up for that reason. */
    void unneeded();
  }

  /** A request that has been sent, or will be. Any thread. */
  interface Pending {
    /** Gives up an incomplete response, because the node's lease has ended. */
    void orphan();

    /**
     * Gives up the response, because the client has disconnected; without effect until the request
     * is sent completely, so that the other node carries commands out.
     */
    void abandon();
  }

  /** Why a request is given up: its node's lease has ended. */
  static final class OrphanedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Why a request is given up: its client has disconnected. */
  static final class AbandonedException extends IOException {
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
    transport.setConnectionPoolFactory(to -> new DuplexConnectionPool(to, Integer.MAX_VALUE));
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

  /** Sends the request. */
  Pending send(Node to, HandedOn handedOn, String signature, Answer answer) {
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
    RelayedAnswer relayed = new RelayedAnswer(to, answer);
    AnswerLimit limit = new AnswerLimit();
    request
        .onRequestBegin(relayed::began)
        .onRequestSuccess(relayed::sent)
        .onResponseHeader(limit)
        .onResponseHeaders(limit)
        .onResponseContentSource(relayed)
        .send(relayed::complete);
    return new Pending() {
      @Override
      public void orphan() {
        request.abort(new OrphanedException());
      }

      @Override
      public void abandon() {
        if (relayed.isSent()) {
          request.abort(new AbandonedException());
        }
      }
    };
  }

  @Override
  public void close() {
    LifeCycle.stop(client);
  }
}
