package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.chat;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.subscribe;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page that shows a chat room. It reconnects as an EventSource and its script do: with the id of
 * the last event, after the stream's retry time; a second after a refusal (for commands, a 503);
 * and at once after a command's response that its session has ended. It sends a command with every
 * twentieth message, and records all that it receives.
 */
final class BrowserPage implements AutoCloseable {
  private static final int MESSAGES_PER_COMMAND = 20;
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);
  private static final String[] NONE = {};

  // The statuses of commands' responses that matter to a page, and none.
  private static final int DONE = 200;
  private static final int ENDED = 404;
  private static final int REFUSED = 503;
  private static final int FAILED = 0;
  private static final String WITHOUT = "without an answer";
  private static final Pattern STATUS = Pattern.compile(": (\\d{3}) ");

  /**
   * A request that didn't get the expected response.
   *
   * @param answer a status, or the error in its place
   * @param began when it was sent, as a nanoTime
   * @param noticed when the page had the response, which on a busy machine may be much later
   */
  record Failure(String method, String answer, long began, long noticed) {
    /** Whether it was in progress at any time between the two. */
    boolean isWithin(long from, long to) {
      return noticed - from >= 0 && to - began >= 0;
    }

    private boolean isFinal() {
      return method.equals("GET") && !answer.equals(WITHOUT);
    }

    /** Whether it is how a command is told that its session has ended. */
    private boolean isEnd() {
      return method.equals("POST") && answer.equals("" + ENDED);
    }

    @Override
    public String toString() {
      return method + " " + answer;
    }
  }

  private final Visitor visitor;
  private final String room;
  private final Numbers numbers = new Numbers();
  private final List<Failure> failures = new CopyOnWriteArrayList<>();

  /** When the page's thread sent its last request. */
  private long asked;

  private volatile EventStream stream;
  private volatile boolean left;
  private volatile String session;
  private volatile long connectedAt;
  private volatile long lostAt;
  private volatile int gaps;
  private volatile int losses;

  /** Rails' echoes of this page's commands, each with a different text. */
  private final Set<String> echoes = ConcurrentHashMap.newKeySet();

  private volatile int echoedAgain;

  // Confined to the page's own thread.
  private String cursor;

  /** Commands to repeat if the session is resumed. */
  private String[] refused = NONE;

  /** Starts at a random number, so that pages don't send their commands at the same moment. */
  private int received = ThreadLocalRandom.current().nextInt(MESSAGES_PER_COMMAND);

  /** Opens the page; it isn't connected yet. */
  static BrowserPage open(Visitor visitor, String room) {
    BrowserPage page = new BrowserPage(visitor, room);
    Thread thread = new Thread(page::live, "page");
    thread.setDaemon(true);
    thread.start();
    return page;
  }

  private BrowserPage(Visitor visitor, String room) {
    this.visitor = visitor;
    this.room = room;
  }

  // ---- recorded; any thread ----

  Numbers numbers() {
    return numbers;
  }

  /** The user for whom Rails takes it. */
  String user() {
    return visitor.user();
  }

  /** Its events-id. */
  String id() {
    return visitor.id();
  }

  /** The session in which it is, or was last, subscribed. */
  String session() {
    return session;
  }

  /** Whether it has subscribed again since then. */
  boolean isConnectedSince(long nanoTime) {
    return session != null && connectedAt - nanoTime > 0;
  }

  /** The time from then until it had subscribed again. */
  Duration backAfter(long nanoTime) {
    return Duration.ofNanos(connectedAt - nanoTime);
  }

  /** When its stream ended most recently, as a nanoTime. */
  long lostAt() {
    return lostAt;
  }

  /**
   * The number of times its stream ended, except streams on a drained bridge that only carried a
   * retry time.
   */
  int losses() {
    return losses;
  }

  /** The number of received gaps with an unknown number of missing events. */
  int gaps() {
    return gaps;
  }

  /** The number of commands executed more than once: Rails' echo was repeated. */
  int echoedAgain() {
    return echoedAgain;
  }

  /** The minimum number of its commands that were executed. */
  int echoed() {
    return echoes.size();
  }

  List<Failure> failures() {
    return failures;
  }

  /** Whether nothing failed but one command, because its session had just ended. */
  boolean onlyMissedItsEnd() {
    return failures.size() == 1 && failures.get(0).isEnd();
  }

  /** The number of failures of each kind, over several pages. */
  static Map<String, Long> failures(List<BrowserPage> pages) {
    return pages.stream()
        .flatMap(page -> page.failures().stream())
        .collect(Collectors.groupingBy(Failure::toString, Collectors.counting()));
  }

  /** Whether a plain EventSource would have given up. */
  boolean isStranded() {
    return !finalAnswers().isEmpty();
  }

  /**
   * The responses for which a plain EventSource would have given up: any status other than 200 is
   * final for it.
   */
  List<Failure> finalAnswers() {
    return failures.stream().filter(Failure::isFinal).toList();
  }

  // ---- the page's thread ----

  private void live() {
    while (!left) {
      try (EventStream opened = listen()) {
        stream = opened;
        pause(hearAll(opened));
      } catch (AssertionError | UncheckedIOException e) {
        failed("GET", e);
        pause(AFTER_REFUSAL);
      }
    }
  }

  private EventStream listen() {
    asked = System.nanoTime();
    RawRequest request = visitor.stream("");
    return (cursor == null ? request : request.header("Last-Event-ID", cursor)).listen();
  }

  /** Returns how long the page then waits. */
  private Duration hearAll(EventStream opened) {
    StreamedEvent event = opened.nextUnlessOver();
    boolean joined = event != null;
    boolean gone = false;
    while (event != null && !gone) {
      cursor = event.id();
      gone = !hear(event);
      event = gone ? null : opened.nextUnlessOver();
    }
    if (joined) {
      losses++;
      lostAt = System.nanoTime();
    }
    if (gone) {
      return Duration.ZERO;
    }
    String retry = opened.retry();
    return retry == null ? AFTER_REFUSAL : Duration.ofMillis(Long.parseLong(retry));
  }

  /** False if its session has ended. */
  private boolean hear(StreamedEvent event) {
    JsonObject json = event.json();
    switch (event.type()) {
      case "joined" -> {
        if (!json.getBoolean("resumed")) {
          numbers.mayMiss();
          return join() != ENDED;
        }
        return refused.length == 0 || post(refused) != ENDED;
      }
      case "gap" -> {
        gaps += json.isNull("dropped") ? 1 : 0;
        numbers.mayMiss();
      }
      case "disconnected" -> numbers.mayMiss();
      case "connected" -> connected(json);
      case "received" -> {
        return received(json.getJsonObject("message"));
      }
      default -> {
        // An event that this page ignores.
      }
    }
    return true;
  }

  private void connected(JsonObject event) {
    if (event.getJsonObject("identifier").getString("channel").equals("ChatChannel")) {
      connectedAt = System.nanoTime();
      session = event.getString("session_id");
    }
  }

  private boolean received(JsonObject message) {
    if (!message.containsKey("n")) {
      echoedAgain += echoes.add(message.getString("text")) ? 0 : 1;
      return true;
    }
    numbers.saw(message.getInt("n"));
    received++;
    return received % MESSAGES_PER_COMMAND > 0 || post(echo(ECHO, "after " + received)) != ENDED;
  }

  /**
   * Subscribes; repeats that after any failure, as subscribing twice does no harm.
   *
   * @return the status
   */
  private int join() {
    String[] commands = {subscribe(ECHO), subscribe(chat(room))};
    int status = post(commands);
    while (status != DONE && status != ENDED && mayGoOn()) {
      pause(AFTER_REFUSAL);
      status = post(commands);
    }
    refused = status == DONE ? NONE : commands;
    return status;
  }

  /**
   * Sends commands, also repeatedly while they are refused for now. Ends with the stream: an
   * EventSource reconnects whatever commands are repeated meanwhile, which finds out where the
   * session is.
   *
   * @return the status; {@link #FAILED} without one
   */
  private int post(String... commands) {
    int status = attempt(commands);
    while (status == REFUSED && mayGoOn()) {
      pause(AFTER_REFUSAL); // as its Retry-After requires
      status = attempt(commands);
    }
    refused = status == REFUSED ? commands : NONE;
    return status;
  }

  private int attempt(String... commands) {
    asked = System.nanoTime();
    try {
      RawResponse reply = visitor.post(commands);
      boolean hasError = reply.status() == DONE && reply.text().contains("\"error\"");
      if (reply.status() != DONE || hasError) {
        failures.add(new Failure("POST", "" + reply.status(), asked, System.nanoTime()));
      }
      return hasError ? FAILED : reply.status();
    } catch (UncheckedIOException e) {
      failed("POST", e);
      return FAILED;
    }
  }

  private boolean mayGoOn() {
    return !left && !stream.isOver();
  }

  private void failed(String method, Throwable failure) {
    if (!left) {
      Matcher status = STATUS.matcher(failure.getMessage());
      String answer = status.find() ? status.group(1) : WITHOUT;
      failures.add(new Failure(method, answer, asked, System.nanoTime()));
    }
  }

  private void pause(Duration time) {
    try {
      Thread.sleep(left ? 0 : time.toMillis());
    } catch (InterruptedException e) {
      left = true;
    }
  }

  /** Closes its connections without a DELETE, as when a laptop is closed. */
  @Override
  public void close() {
    left = true;
    EventStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
