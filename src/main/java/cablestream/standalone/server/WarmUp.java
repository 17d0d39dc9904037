package cablestream.standalone.server;

import cablestream.WarmUpSessions;
import cablestream.config.StandaloneSettings;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a new process do for itself what it will do for browsers, so that the virtual machine has
 * loaded and compiled it when they come, all at once as a rule. It goes through real sockets, by a
 * port of its own on loopback that nobody else can use, and ends at the latest when the time is up;
 * at the first browser's session at once, as what it takes would be that browser's. Whatever goes
 * wrong in it, the bridge works. Its figures are in docs/performance.md.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** By number, as what the name says may be an address that Java can't write into a URL. */
  static final String LOOPBACK = "127.0.0.1";

  /** The request's attribute that {@code SessionRouter} looks for. */
  private static final String MARK = "cablestream.warm-up";

  /** The header of a request whose value is this process's secret. */
  private static final String HEADER = "Cablestream-Warm-Up";

  /** Enough to keep the processors at work, while each waits for the next answer. */
  private static final int BROWSERS_A_PROCESSOR = 4;

  private static final int MOST_BROWSERS = 8;

  /** One of so many visits is by long poll. */
  private static final int POLLS = 8;

  private static final long LOOK_MILLIS = 20;
  private static final long END_MILLIS = 2_000;

  private final StandaloneSettings settings;
  private final Server server;
  private final ServletContext context;
  private final String secret = UUID.randomUUID().toString();
  private final ServerConnector connector;
  private final AtomicInteger visits = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread = new Thread(this::run, "warm-up");
  private volatile DemonstrationCable cable;
  private volatile boolean over;

  private WarmUp(
      StandaloneSettings settings,
      HttpConfiguration http,
      IdleConnections idle,
      Server server,
      WebAppContext application)
      throws Exception {
    this.settings = settings;
    this.server = server;
    context = application.getServletContext();
    http.addCustomizer(this::admit);
    connector = new ServerConnector(server, 1, 1, WatchedConnection.factory(http, idle));
    connector.setHost(LOOPBACK);
    thread.setDaemon(true);
    cable = new DemonstrationCable(secret);
    try {
      connector.open();
    } catch (IOException e) {
      cable.stop();
      throw e;
    }
    server.addConnector(connector);
    application.setAttribute(WarmUpSessions.CABLE, cable.url());
  }

  /**
   * Before the server starts.
   *
   * @param http as of the port that browsers use; this changes it
   * @return null where there will be none
   */
  static WarmUp prepare(
      StandaloneSettings settings,
      HttpConfiguration http,
      IdleConnections idle,
      Server server,
      WebAppContext application) {
    if (settings.warmUp().isZero()) {
      return null;
    }
    try {
      return new WarmUp(settings, http, idle, server, application);
    } catch (Throwable e) {
      failed(e);
      return null;
    }
  }

  /** The port listens for whoever is on this machine. */
  private Request admit(Request request, HttpFields.Mutable headers) {
    if (!secret.equals(request.getHeaders().get(HEADER))) {
      throw new HttpException.RuntimeException(HttpStatus.NOT_FOUND_404);
    }
    request.setAttribute(MARK, true);
    return request;
  }

  /** The server has started. Returns at once. */
  void begin() {
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      failed(e); // no thread can be had
      leaveNothing();
    }
  }

  /** Waits until nothing of it is left; not for long. */
  void end() throws InterruptedException {
    over = true;
    thread.join(2 * END_MILLIS);
  }

  private void run() {
    long start = System.nanoTime();
    try {
      visitUntilOver(start + settings.warmUp().toNanos());
      if (failure.get() != null) {
        failed(failure.get());
      }
      LOG.info(
          "event=warmed_up sessions={} millis={}",
          visits,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      failed(e); // no thread can be had, for example: one of the bridge's would end the process
    } finally {
      leaveNothing();
    }
  }

  private void visitUntilOver(long deadline) throws InterruptedException {
    if (!(context.getAttribute(WarmUpSessions.OTHERS) instanceof IntSupplier others)) {
      return; // it has been said why
    }
    List<Thread> browsers = new ArrayList<>();
    try {
      int processors = Runtime.getRuntime().availableProcessors();
      while (browsers.size() < Math.min(BROWSERS_A_PROCESSOR * processors, MOST_BROWSERS)) {
        Thread browser = new Thread(this::visit, "warm-up-browser");
        browser.setDaemon(true);
        browser.start();
        browsers.add(browser);
      }
      while (!over
          && others.getAsInt() == 0
          && System.nanoTime() < deadline
          && browsers.stream().anyMatch(Thread::isAlive)) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } finally {
      over = true;
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MILLIS);
    for (Thread browser : browsers) {
      browser.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }
  }

  /** One browser after the other, as one thread. */
  private void visit() {
    InetSocketAddress address = new InetSocketAddress(LOOPBACK, connector.getLocalPort());
    int patience = Math.toIntExact(settings.warmUp().toMillis() + END_MILLIS);
    String mark = HEADER + ": " + secret;
    try (WarmUpBrowser browser =
        new WarmUpBrowser(address, settings.path(), settings.origin(), mark, patience)) {
      for (int i = 1; !over; i++) {
        if (i % POLLS == 1) {
          browser.poll();
        } else {
          browser.listen();
        }
        visits.incrementAndGet();
      }
    } catch (IOException e) {
      if (!over) {
        failure.compareAndSet(null, e);
      }
    }
  }

  /** Each part for itself, whatever has become of the others. */
  private void leaveNothing() {
    if (context.getAttribute(WarmUpSessions.OVER) instanceof Runnable sessions) {
      leave(sessions::run);
    }
    leave(
        () -> {
          connector.stop();
          server.removeConnector(connector);
        });
    leave(cable::stop);
    cable = null;
  }

  /** Something that may fail. */
  private interface Part {
    void stop() throws Exception;
  }

  private static void leave(Part part) {
    try {
      part.stop();
    } catch (Throwable e) {
      LOG.warn("event=close_failed part=warm-up", e);
    }
  }

  private static void failed(Throwable failure) {
    LOG.warn("event=warm_up_failed error=\"{}\"", failure.toString());
  }
}
