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
 * A page that shows a room of a chat. It comes back by itself, as an EventSource and the script
 * around it do: with the id of the last event, after the time that the stream named; a second after
 * a refusal, which for commands is 503; and at once when a command is answered that its session is
 * gone. With every twentieth message it sends a command. All that it saw it keeps account of.
 */
final class BrowserPage implements AutoCloseable {
  private static final int MESSAGES_PER_COMMAND = 20;
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);
  private static final String WITHOUT = "without an answer";
  private static final Pattern STATUS = Pattern.compile(": (\\d{3}) ");

  /**
   * A request that wasn't answered as it should be.
   *
   * @param answer a status, or what happened in its place
   * @param began when it was asked, as a nanoTime
   * @param noticed when the page had the answer, which on a busy machine may be much later
   */
  record Failure(String method, String answer, long began, long noticed) {
    /** Whether it was under way at some time between the two. */
    boolean isWithin(long from, long to) {
      return noticed - from >= 0 && to - began >= 0;
    }

    private boolean isFinal() {
      return method.equals("GET") && !answer.equals(WITHOUT);
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

  /** When the page's thread asked for something last. */
  private long asked;

  private volatile EventStream stream;
  private volatile boolean left;
  private volatile String session;
  private volatile long connectedAt;
  private volatile long lostAt;
  private volatile int gaps;
  private volatile int losses;

  /** What Rails has said again of what this page sent, each with another text. */
  private final Set<String> echoes = ConcurrentHashMap.newKeySet();

  private volatile int echoedAgain;

  // The page's own thread's.
  private String cursor;

  /** Counted from anywhere, so that not all pages send their commands at the same moment. */
  private int received = ThreadLocalRandom.current().nextInt(MESSAGES_PER_COMMAND);

  /** Opens it; it isn't connected yet. */
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

  // ---- what it saw; any thread ----

  Numbers numbers() {
    return numbers;
  }

  /** Who Rails takes it for. */
  String user() {
    return visitor.user();
  }

  /** Its events-id. */
  String id() {
    return visitor.id();
  }

  /** The session in which it is subscribed, or was the last time. */
  String session() {
    return session;
  }

  /** Whether it has been subscribed anew since then. */
  boolean isConnectedSince(long nanoTime) {
    return session != null && connectedAt - nanoTime > 0;
  }

  /** From such a moment until it was subscribed again. */
  Duration backAfter(long nanoTime) {
    return Duration.ofNanos(connectedAt - nanoTime);
  }

  /** When its stream was over for the last time, as a nanoTime. */
  long lostAt() {
    return lostAt;
  }

  /**
   * How often its stream was over, those that a drained bridge only told when to come back aside.
   */
  int losses() {
    return losses;
  }

  /** How often it was told that it isn't known what is missing. */
  int gaps() {
    return gaps;
  }

  /** How many commands were carried out so often that Rails' answer came again. */
  int echoedAgain() {
    return echoedAgain;
  }

  /** How many of its commands were carried out, at least. */
  int echoed() {
    return echoes.size();
  }

  List<Failure> failures() {
    return failures;
  }

  /** How many of each kind several pages had. */
  static Map<String, Long> failures(List<BrowserPage> pages) {
    return pages.stream()
        .flatMap(page -> page.failures().stream())
        .collect(Collectors.groupingBy(Failure::toString, Collectors.counting()));
  }

  /** Whether a plain EventSource would have given up. */
  boolean isStranded() {
    return !finalAnswers().isEmpty();
  }

  /** With what a plain EventSource would have given up: any answer but 200 is final for it. */
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

  /** False if its session is gone. */
  private boolean hear(StreamedEvent event) {
    JsonObject json = event.json();
    switch (event.type()) {
      case "joined" -> {
        if (!json.getBoolean("resumed")) {
          numbers.mayMiss();
          return post(subscribe(ECHO), subscribe(chat(room)));
        }
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
        // Nothing that this page looks at.
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
    return received % MESSAGES_PER_COMMAND > 0 || post(echo(ECHO, "after " + received));
  }

  /** False if it is answered that the session is gone. */
  private boolean post(String... commands) {
    asked = System.nanoTime();
    try {
      RawResponse reply = visitor.post(commands);
      while (reply.status() == 503 && !left) {
        failures.add(new Failure("POST", "503", asked, System.nanoTime()));
        pause(AFTER_REFUSAL); // as its Retry-After says
        asked = System.nanoTime();
        reply = visitor.post(commands);
      }
      if (reply.status() != 200 || reply.text().contains("\"error\"")) {
        failures.add(new Failure("POST", "" + reply.status(), asked, System.nanoTime()));
      }
      return reply.status() != 404;
    } catch (UncheckedIOException e) {
      failed("POST", e);
      return true;
    }
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

  /** Leaves without a word, as when a laptop is closed. */
  @Override
  public void close() {
    left = true;
    EventStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
