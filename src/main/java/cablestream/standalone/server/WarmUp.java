package cablestream.standalone.server;

import cablestream.Bootstrap;
import cablestream.concurrent.Fault;
import cablestream.config.Sources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the virtual machine load and compile what browsers will need before they connect, usually
 * all at once. A second bridge with the same classes serves threads that simulate browsers, and
 * dials a {@link WarmUpCable}, behind one loopback port and a secret path. It shares nothing with
 * the real bridge: no session, account, metric or setting. It ends after its time, or with the
 * first browser's session, which needs the processor. A failure is logged, and the bridge works.
 * Its figures are in docs/performance.md.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** As a number: Java can't write every address of the name into a URL. */
  private static final String LOOPBACK = "127.0.0.1";

  /** Keeps the processors busy while each browser waits for its next response. */
  private static final int BROWSERS_A_PROCESSOR = 4;

  private static final int MAX_BROWSERS = 8;

  /** One of this many visits uses long polls. */
  private static final int POLLS = 8;

  private static final long LOOK_MILLIS = 20;
  private static final int PATIENCE_MILLIS = 2_000;

  private static final String ROOM =
      "[{\"identifier\":{\"channel\":\"DemonstrationChannel\",\"room\":7},";

  private static final String SUBSCRIBE = ROOM + "\"subscribe\":true}]";
  private static final String SPEAK = ROOM + "\"send\":{\"action\":\"speak\",\"text\":\"hello\"}}]";

  /** As long as a browser's with the cookies of a Rails application. */
  private static final String HEAD =
      """
       HTTP/1.1
      Host: localhost
      User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0
      Accept-Language: en-US,en;q=0.9
      Accept-Encoding: gzip, deflate, br
      Origin: http://localhost
      Referer: http://localhost/rooms/7
      Sec-Fetch-Mode: cors
      Cookie: _session=%s; user=41
      X-Forwarded-For: 192.0.2.1
      X-Forwarded-Proto: http
      """
          .formatted("demonstration".repeat(20))
          .replace("\n", "\r\n");

  private final String path = "/" + UUID.randomUUID();
  private final Duration time;
  private final Thread thread = new Thread(this::run, "warm-up");
  private final AtomicInteger visits = new AtomicInteger();
  private final IntSupplier others;

  /** Null once it has stopped, so that its memory is freed. */
  private volatile Server server;

  private volatile int port;
  private volatile boolean over;

  /**
   * @param server used by the warm-up only
   * @param time its longest duration
   * @param others the number of browsers' sessions
   */
  WarmUp(Server server, Duration time, IntSupplier others) {
    this.server = server;
    this.time = time;
    this.others = others;
    thread.setDaemon(true);
  }

  /**
   * Returns once the second bridge has started.
   *
   * @param bridge the web application of the server's handler
   */
  void start(ServerConnector connector, WebAppContext bridge) {
    try {
      connector.setHost(LOOPBACK);
      server.addConnector(connector);
      connector.open();
      port = connector.getLocalPort();
      bridge.setContextPath(path);
      String cable = "ws://%s:%d%s/cable".formatted(LOOPBACK, port, path);
      Map<String, String> settings = Map.of("cablestream.cable.url", cable);
      bridge.setAttribute(Bootstrap.SOURCES, new Sources(settings, Map.of(), Map.of()));
      WebSocketUpgradeHandler upgrade = new WebSocketUpgradeHandler();
      upgrade.addMapping(
          path + "/cable",
          (request, response, callback) -> {
            response.setAcceptedSubProtocol(WarmUpCable.PROTOCOL);
            return new WarmUpCable();
          });
      upgrade.setHandler(server.getHandler());
      server.setHandler(upgrade);
      server.start();
      thread.start();
    } catch (Throwable e) {
      fail(e); // for example, no thread can be started
      stop();
    }
  }

  /** Whether the real bridge is still slow. */
  boolean isRunning() {
    return server != null;
  }

  /** Waits for a short time until everything has ended. */
  void end() throws InterruptedException {
    over = true;
    thread.join(2 * PATIENCE_MILLIS);
  }

  private void run() {
    long start = System.nanoTime();
    List<Thread> browsers = new ArrayList<>();
    try {
      int processors = Runtime.getRuntime().availableProcessors();
      while (!over && browsers.size() < Math.min(BROWSERS_A_PROCESSOR * processors, MAX_BROWSERS)) {
        Thread browser = new Thread(this::visit, "warm-up-browser");
        browser.setDaemon(true);
        browser.start();
        browsers.add(browser);
      }
      while (!over && others.getAsInt() == 0 && System.nanoTime() - start < time.toNanos()) {
        Thread.sleep(LOOK_MILLIS);
      }
      over = true;
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
      for (Thread browser : browsers) {
        TimeUnit.NANOSECONDS.timedJoin(browser, deadline - System.nanoTime());
      }
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      LOG.info("event=warmed_up sessions={} millis={}", visits, took);
    } catch (Throwable e) {
      fail(e);
    } finally {
      stop();
    }
  }

  private void stop() {
    try {
      server.stop();
    } catch (Throwable e) {
      Fault.log(LOG, "event=close_failed part=warm-up", e);
    }
    server = null;
  }

  /** Once, and only if it isn't a consequence of the end. */
  private void fail(Throwable failure) {
    if (!over) {
      over = true;
      LOG.warn("event=warm_up_failed error=\"{}\"", Fault.kind(failure));
    }
  }

  /** Simulates one browser after the other. */
  private void visit() {
    try (Socket commands = connect()) {
      BufferedReader answers = reader(commands);
      for (int i = 1; !over; i++) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String id = new UUID(random.nextLong(), random.nextLong()).toString();
        if (i % POLLS == 1) {
          command(commands, answers, "GET", id, "");
          command(commands, answers, "POST", id, SUBSCRIBE);
          command(commands, answers, "GET", id, "");
          command(commands, answers, "DELETE", id, "");
        } else {
          listen(commands, answers, id);
        }
        visits.incrementAndGet();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void listen(Socket commands, BufferedReader answers, String id) throws IOException {
    try (Socket stream = connect()) {
      BufferedReader events = reader(stream);
      send(stream, "GET", id, "Accept: text/event-stream\r\n\r\n");
      await(events, "joined", 1);
      command(commands, answers, "POST", id, SUBSCRIBE);
      await(events, "connected", 1);
      command(commands, answers, "POST", id, SPEAK);
      await(events, "received", WarmUpCable.MESSAGES);
      command(commands, answers, "DELETE", id, "");
      await(events, "closed", 1);
    }
  }

  private static void await(BufferedReader events, String type, int count) throws IOException {
    for (int come = 0; come < count; ) {
      come += line(events).contains("\"type\":\"" + type + "\"") ? 1 : 0;
    }
  }

  /** Sends a request on a persistent connection, and skips its response. */
  private void command(Socket socket, BufferedReader answers, String method, String id, String body)
      throws IOException {
    String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
    send(socket, method, id, "Accept: application/json\r\n" + length + "\r\n" + body);
    String status = line(answers);
    if (!status.startsWith("HTTP/1.1 2")) {
      throw new IOException(status);
    }
    int left = 0;
    for (String line = line(answers); !line.isEmpty(); line = line(answers)) {
      if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        left = Integer.parseInt(line.substring(15).strip());
      }
    }
    answers.skip(left);
  }

  private void send(Socket socket, String method, String id, String rest) throws IOException {
    String request = method + " " + path + "/" + id + HEAD + rest;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(LOOPBACK, port);
    socket.setSoTimeout((int) time.toMillis() + PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  private static String line(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the connection has ended");
    }
    return line;
  }
}
