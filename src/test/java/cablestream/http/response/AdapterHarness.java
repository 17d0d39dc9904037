package cablestream.http.response;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.DialRequest;
import cablestream.concurrent.TimerWheel;
import cablestream.environment.Observer;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.embedded.EmbeddedContainer;
import cablestream.support.wire.RawClient;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A container with one servlet that creates an {@link Exchange} for each request and passes it to
 * the test: the adapters on real sockets, without a session.
 */
public final class AdapterHarness implements AutoCloseable {
  public static final String PATH = "/stage";
  static final String COOKIE = "cablestream=0123456789abcdef; HttpOnly; SameSite=Lax";

  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final TimerWheel timers = new TimerWheel();
  private final Responses responses =
      new Responses(
          timers,
          pool,
          Duration.ofSeconds(10),
          Account.ofHeap(),
          new TcpTable(List.of(), timers, pool, () -> 0, false),
          null,
          new Cors(Defaults.http()),
          Observer.NONE);
  private final BlockingQueue<Exchange> exchanges = new LinkedBlockingQueue<>();
  private final EmbeddedContainer container;
  private final Act act;

  /** Handles a request in the servlet's own method. */
  public interface Act {
    void play(HttpServletRequest request, Exchange exchange) throws IOException;
  }

  AdapterHarness(EmbeddedContainer.Kind kind) throws Exception {
    this(kind, Duration.ofSeconds(30));
  }

  /**
   * @param idle the container's idle timeout
   */
  AdapterHarness(EmbeddedContainer.Kind kind, Duration idle) throws Exception {
    this(kind, idle, null);
  }

  /**
   * @param act null to pass the request to {@link #exchange()}
   */
  public AdapterHarness(EmbeddedContainer.Kind kind, Duration idle, Act act) throws Exception {
    this.act = act == null ? (request, exchange) -> exchanges.add(exchange) : act;
    container =
        kind.start(
            idle,
            context -> {
              ServletRegistration.Dynamic servlet = context.addServlet("stage", new Catcher());
              servlet.setAsyncSupported(true);
              servlet.addMapping(PATH);
            });
  }

  public RawClient connect() throws IOException {
    return RawClient.connect(container.port());
  }

  RawClient connectWithSmallWindow() throws IOException {
    return RawClient.connectWithSmallWindow(container.port());
  }

  /** The next request that arrived. */
  Exchange exchange() throws InterruptedException {
    Exchange exchange = exchanges.poll(10, TimeUnit.SECONDS);
    if (exchange == null) {
      throw new AssertionError("no request arrived");
    }
    return exchange;
  }

  /** The next request, as a stream that no session has accepted. */
  StreamPlayer stream() throws InterruptedException {
    return new StreamPlayer(new SseStream(exchange()), pool);
  }

  Responses responses() {
    return responses;
  }

  ExecutorService pool() {
    return pool;
  }

  /** Waits until all tasks posted before have run. */
  void settle() throws Exception {
    CountDownLatch latch = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      pool.submit(
          () -> {
            latch.countDown();
            return latch.await(10, TimeUnit.SECONDS);
          });
    }
    latch.await(10, TimeUnit.SECONDS);
  }

  /** Stops only the container. */
  void stopContainer() {
    container.close();
  }

  @Override
  public void close() {
    container.close();
    timers.close();
    pool.shutdown();
  }

  private final class Catcher extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      request.setAttribute(RequestParameters.class.getName(), asked());
      act.play(request, new Exchange(request, response, responses));
    }
  }

  /** What an exchange needs to know of its request. */
  static RequestParameters asked() {
    DialRequest dial = new DialRequest(List.of(), "", List.of());
    Caller caller = new Caller("http://page.example", Digest.of(""), null, "192.0.2.1", dial);
    SessionRequest sessionRequest =
        new SessionRequest("0123456789abcdef", caller, Mode.CHANNELS, null);
    return new RequestParameters(
        sessionRequest, false, true, new RequestParameters.Poll(Duration.ZERO, 0), 0, null, COOKIE);
  }
}
