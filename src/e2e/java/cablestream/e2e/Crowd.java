package cablestream.e2e;

import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** Pages in one room, to which Rails sends consecutive numbers ten times a second. */
final class Crowd implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MILLIS_PER_MESSAGE = 100;

  private final String room = UUID.randomUUID().toString();
  private final List<BrowserPage> pages = new ArrayList<>();
  private final AtomicInteger said = new AtomicInteger();
  private final ScheduledExecutorService speaker = Executors.newSingleThreadScheduledExecutor();

  /** Opens this many further pages behind a proxy. */
  void open(Proxy proxy, int count) {
    open(proxy::visitor, count);
  }

  /** Opens this many further pages, each of a new visitor. */
  void open(Supplier<Visitor> visitors, int count) {
    for (int i = 0; i < count; i++) {
      pages.add(BrowserPage.open(visitors.get(), room));
    }
  }

  List<BrowserPage> pages() {
    return pages;
  }

  /** Waits until all pages are subscribed, and then starts the messages. */
  void start() {
    await(page -> page.session() != null);
    speaker.scheduleAtFixedRate(this::say, 0, MILLIS_PER_MESSAGE, TimeUnit.MILLISECONDS);
  }

  private void say() {
    Stage.rails().broadcast("chat_" + room, "{\"n\":" + said.incrementAndGet() + "}");
  }

  /** Waits until all pages have received this many further messages. */
  void awaitMessages(int count) {
    int goal = said.get() + count;
    await(page -> page.numbers().last() >= goal);
  }

  /** Stops the messages, and waits until all pages have the last one. */
  void finish() {
    speaker.shutdown();
    try {
      speaker.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    await(page -> page.numbers().last() == said.get());
  }

  /** Waits until a condition holds for all pages. */
  void await(Predicate<BrowserPage> condition) {
    await(pages, condition);
  }

  static void await(List<BrowserPage> pages, Predicate<BrowserPage> condition) {
    Awaitility.await().atMost(PATIENCE).until(() -> pages.stream().allMatch(condition));
  }

  @Override
  public void close() {
    speaker.shutdownNow();
    pages.forEach(BrowserPage::close);
  }
}
