package cablestream.standalone.server;

import cablestream.WarmUpSessions;
import cablestream.config.StandaloneSettings;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a new process do for itself what it will do for browsers, so that the virtual machine has
 * loaded and compiled it when they come, all at once as a rule. It goes through real sockets, by a
 * port of its own that listens on loopback until it is over, and ends at the latest when the time
 * is up; at the first browser's session at once, as what it takes would be that browser's. Its
 * figures are in docs/performance.md.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** {@code SessionRouter} looks for it. */
  private static final String MARK = "cablestream.warm-up";

  /** Enough to keep all processors at work, while each waits for the next answer. */
  private static final int BROWSERS_A_PROCESSOR = 4;

  private static final int MOST_BROWSERS = 32;

  /** One of so many comes by long poll. */
  private static final int POLLS = 8;

  private static final long LOOK_MILLIS = 20;
  private static final long END_MILLIS = 2_000;

  private final Duration most;
  private final String path;
  private final Server server;
  private final ServletContext context;
  private final DemonstrationCable cable;
  private final ServerConnector connector;
  private final AtomicInteger visits = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "warm-up");
  private volatile boolean over;

  /**
   * Before the server starts.
   *
   * @param http as of the port that browsers use; this changes it
   */
  WarmUp(
      StandaloneSettings settings,
      HttpConfiguration http,
      IdleConnections idle,
      Server server,
      WebAppContext application)
      throws Exception {
    most = settings.warmUp();
    path = settings.path();
    this.server = server;
    context = application.getServletContext();
    cable = new DemonstrationCable();
    application.setAttribute(WarmUpSessions.CABLE, cable.url());
    http.addCustomizer(
        (request, headers) -> {
          request.setAttribute(MARK, true);
          return request;
        });
    connector = new ServerConnector(server, WatchedConnection.factory(http, idle));
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    server.addConnector(connector);
    thread.setDaemon(true);
  }

  /** The server has started. Returns at once. */
  void begin() {
    thread.start();
  }

  /** Waits until nothing of it is left; not for long. */
  void end() throws InterruptedException {
    over = true;
    thread.join(END_MILLIS);
  }

  private void run() {
    long start = System.nanoTime();
    try {
      visitUntilOver(start + most.toNanos());
      LOG.info(
          "event=warmed_up sessions={} millis={}",
          visits,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leaveNothing();
    }
  }

  private void visitUntilOver(long deadline) throws InterruptedException {
    IntSupplier others = (IntSupplier) context.getAttribute(WarmUpSessions.OTHERS);
    List<Thread> browsers = new ArrayList<>();
    int count =
        Math.min(BROWSERS_A_PROCESSOR * Runtime.getRuntime().availableProcessors(), MOST_BROWSERS);
    for (int i = 0; i < count; i++) {
      Thread browser = new Thread(this::visit, "warm-up-browser-" + i);
      browser.setDaemon(true);
      browser.start();
      browsers.add(browser);
    }
    while (!over && others.getAsInt() == 0 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    over = true;
    for (Thread browser : browsers) {
      browser.join(END_MILLIS);
    }
  }

  private void visit() {
    InetSocketAddress address =
        new InetSocketAddress(connector.getHost(), connector.getLocalPort());
    try (WarmUpBrowser browser = new WarmUpBrowser(address, path)) {
      while (!over) {
        if (visits.incrementAndGet() % POLLS == 0) {
          browser.poll();
        } else {
          browser.listen();
        }
      }
    } catch (IOException e) {
      if (!over) {
        LOG.warn("event=warm_up_failed error=\"{}\"", e.getMessage());
      }
    }
  }

  private void leaveNothing() {
    ((Runnable) context.getAttribute(WarmUpSessions.OVER)).run();
    try {
      connector.stop();
      server.removeConnector(connector);
      cable.stop();
    } catch (Exception e) {
      LOG.warn("event=close_failed part=warm-up", e);
    }
  }
}
