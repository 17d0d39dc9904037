package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many sessions with a slow server, or one that has just come back. */
class ReturnTest {
  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private final Random random = new Random(17);
  private final List<Page> pages = new ArrayList<>();
  private SlowServer server;
  private int networks;
  private CableDialer dialer;

  /** Opens a session, and another one second after its end, as the browser's script does. */
  private final class Page implements Cable.Owner {
    private final String network;
    private final String query;
    private CableConnection cable;
    private Mailbox mailbox;
    private boolean welcomed;
    private boolean left;

    private Page(String network, String query) {
      this.network = network;
      this.query = query;
      open();
    }

    private void open() {
      mailbox = new Mailbox(pool);
      cable = new CableConnection(this, mailbox, Cable.Reader.BRIDGE, dialer);
      DialRequest request = new DialRequest(List.of(), query, DialRequest.PROTOCOLS);
      mailbox.run(() -> cable.open(request, network));
      pool.runAll();
    }

    private void close() {
      mailbox.run(() -> cable.close(1000, ""));
    }

    /** The caller disconnects, and the kernel's table shows it a second later. */
    private void hangsUp() {
      timers.after(1_000, () -> left = true);
    }

    @Override
    public boolean isAwaited() {
      return !left;
    }

    @Override
    public void abandoned() {
      cable.close(1000, "");
    }

    @Override
    public void opened() {
      welcomed = true;
    }

    @Override
    public void lost(String reason) {
      welcomed = false;
    }

    @Override
    public void ended(CableEnding ending) {
      timers.after(1_000, this::open);
    }

    @Override
    public void frame(CableFrame frame) {
      throw new AssertionError(frame);
    }

    @Override
    public void frameDropped(String why) {
      throw new AssertionError(why);
    }
  }

  @ParameterizedTest
  @CsvSource({"4,5000", "4,4000", "4,2000", "4,130", "4,6", "1,5000"})
  void aServerThatIsShortOfWorkersHasAllBackAtItsOwnPace(int workers, int connectMillis) {
    server(workers, Duration.ofMillis(connectMillis));
    open(200);
    assertThat(untilWelcomed(pages)).isLessThan(pace(200, workers, connectMillis));
  }

  @Test
  void aServerThatGrowsSlowerIsFollowed() {
    server(4, Duration.ofMillis(6));
    open(200);
    untilWelcomed(pages);
    server.stops();
    server.starts(Duration.ofSeconds(5));
    assertThat(untilWelcomed(pages)).isLessThan(pace(200, 4, 5_000));
  }

  @Test
  void aServerThatIsDownIsAskedOnceASecondAndHasAllBackAtOnce() {
    server(16, Duration.ofMillis(6));
    open(2_000);
    untilWelcomed(pages);
    server.stops();
    timers.advance(Duration.ofSeconds(5));
    int before = server.dials;
    timers.advance(Duration.ofMinutes(2));
    assertThat(server.dials - before).isBetween(119, 121);
    server.starts(Duration.ofMillis(6));
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void sessionsThatAreOpenedWhileTheServerIsDownAreAmongThem() {
    server(16, Duration.ofMillis(6));
    server.stops();
    open(200);
    timers.advance(Duration.ofSeconds(30));
    assertThat(server.dials).isLessThan(40);
    server.starts(Duration.ofMillis(6));
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({"404,15", "404,120", "500,120", "502,15", "502,120", "503,120", "302,120"})
  void aServerThatAnswersByAnErrorWhileItStartsHasAllBackAtOnce(int status, int seconds) {
    server(16, Duration.ofMillis(6));
    open(2_000);
    untilWelcomed(pages);
    server.stops();
    server.isStarting(status);
    timers.advance(Duration.ofSeconds(seconds));
    server.starts(Duration.ofMillis(6));
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 502})
  void aServerThatAnswersByAnErrorIsAskedOnceASecond(int status) {
    server(16, Duration.ofMillis(6));
    open(2_000);
    untilWelcomed(pages);
    server.stops();
    server.isStarting(status);
    timers.advance(Duration.ofSeconds(1));
    int before = server.dials;
    timers.advance(Duration.ofSeconds(10));
    assertThat(server.dials - before).isBetween(9, 11);
    before = server.dials;
    timers.advance(Duration.ofMinutes(2));
    assertThat((server.dials - before) / 120)
        .as("a second, as nobody waits for longer than the longest backoff")
        .isLessThan(2_000 / 15);
  }

  @Test
  void sessionsThatWereRefusedOnceAreBackWithinTheLongestBackoffThoughMostStayRefused() {
    server(16, Duration.ofMillis(6));
    List<Page> unwelcome = open(500, SlowServer.UNWELCOME);
    open(1);
    untilWelcomed(unwelcome);
    untilWelcomed(pages);
    server.stops();
    server.isStarting(404);
    timers.advance(Duration.ofSeconds(10));
    server.refuses(404);
    server.starts(Duration.ofMillis(6));
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500})
  void sessionsThatStayRefusedHoldNobodyElseBack(int status) {
    server(16, Duration.ofMillis(6));
    List<Page> unwelcome = open(500, SlowServer.UNWELCOME);
    untilWelcomed(unwelcome);
    server.refuses(status);
    server.stops();
    server.starts(Duration.ofMillis(6));
    timers.advance(Duration.ofSeconds(10));
    open(1);
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofMillis(100));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500})
  void firstDialsThatAreRefusedHoldNobodyElseBack(int status) {
    server(16, Duration.ofMillis(6));
    server.refuses(status);
    attack(20, SlowServer.UNWELCOME, page -> {});
    timers.advance(Duration.ofSeconds(10));
    open(20);
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofMillis(200));
  }

  @Test
  void aSessionThatAloneIsRefusedIsBackedOffFrom() {
    server(16, Duration.ofMillis(6));
    List<Page> unwelcome = open(1, SlowServer.UNWELCOME);
    untilWelcomed(unwelcome);
    server.stops();
    server.starts(Duration.ofMillis(6));
    open(1);
    untilWelcomed(pages);
    server.refuses(404);
    int before = server.dials;
    for (int second = 0; second < 120; second++) {
      dialer.outcomes().received(); // a ping on the other cable
      timers.advance(Duration.ofSeconds(1));
    }
    assertThat(server.dials - before).isLessThan(15);
  }

  /** Nothing reports that they have disconnected: 140 per second stay in the queue. */
  @Test
  void newSessionsOfOneNetworkDoNotKeepOthersWaiting() {
    server(4, Duration.ofMillis(133));
    open(200);
    untilWelcomed(pages);
    server.stops();
    server.starts(Duration.ofMillis(133));
    attack(140, "", page -> {});
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void dialsThatAreGivenUpAtOnceDoNotRunTheServerOver() {
    server(4, Duration.ofMillis(133));
    open(200);
    untilWelcomed(pages);
    server.stops();
    server.starts(Duration.ofMillis(133));
    attack(140, "", page -> timers.after(15, page::close));
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void whoHasHungUpKeepsNobodyOfTheSameNetworkWaiting() {
    server(4, Duration.ofMillis(133));
    attack(140, "", page -> timers.after(15, page::hangsUp));
    timers.advance(Duration.ofSeconds(30));
    int dials = server.dials;
    assertThat(dials).as("not all of 4,200").isLessThan(1_200);
    pages.add(new Page("203.0.113.1", ""));
    // Includes those ahead of it that the kernel's table doesn't show yet.
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void cablesThatNobodyWaitsForAreDialledLast() {
    server(4, Duration.ofMillis(133));
    open(600);
    untilWelcomed(pages);
    List<Page> awaited = pages.subList(500, 600);
    pages.subList(0, 500).forEach(page -> page.left = true);
    server.stops();
    server.starts(Duration.ofMillis(133));
    assertThat(untilWelcomed(awaited)).isLessThan(pace(100, 4, 133));
    assertThat(untilWelcomed(pages)).isLessThan(pace(500, 4, 133));
    assertThat(timers.pending()).as("what is due again").isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 404, 502})
  void aServerThatIsDownOrRefusesIsAskedForThoseWhoWait(int status) {
    server(16, Duration.ofMillis(6));
    open(200);
    untilWelcomed(pages);
    pages.subList(0, 199).forEach(page -> page.left = true);
    server.stops();
    if (status > 0) {
      server.isStarting(status);
    }
    timers.advance(Duration.ofSeconds(30));
    int before = server.dials;
    timers.advance(Duration.ofSeconds(60));
    assertThat(server.dials - before).isBetween(59, 61);
    server.starts(Duration.ofMillis(6));
    assertThat(untilWelcomed(pages.subList(199, 200))).isLessThan(Duration.ofMillis(1_200));
  }

  @Test
  void dialsThatAreNeverWelcomedDoNotCloseTheGate() {
    server(4, Duration.ofMillis(6));
    attack(20, SlowServer.FAULTY, page -> {});
    timers.advance(Duration.ofSeconds(30));
    open(1);
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofMillis(100));
    timers.advance(Duration.ofSeconds(5));
    open(20);
    assertThat(untilWelcomed(pages)).isLessThan(Duration.ofSeconds(1));
  }

  // ---- shorthand ----

  private void server(int workers, Duration connect) {
    server = new SlowServer(timers, workers, connect);
    dialer =
        new CableDialer(
            Defaults.cable(URI.create("ws://rails/cable")), server, timers, random::nextDouble);
  }

  /** Opens this many, each from a network of its own. */
  private void open(int count) {
    pages.addAll(open(count, ""));
  }

  private List<Page> open(int count, String query) {
    List<Page> opened = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      opened.add(new Page("network " + networks++, query));
    }
    return opened;
  }

  /**
   * Opens this many per second for a minute, all from one network.
   *
   * @param next an action for each
   */
  private void attack(int rate, String query, Consumer<Page> next) {
    for (int i = 0; i < rate * 60; i++) {
      timers.after(i * 1_000L / rate, () -> next.accept(new Page("203.0.113.1", query)));
    }
  }

  /** A quarter more than the server needs. */
  private static Duration pace(int dials, int workers, int connectMillis) {
    return Duration.ofMillis(dials / workers * connectMillis * 5L / 4);
  }

  private Duration untilWelcomed(List<Page> all) {
    long since = timers.nanoTime();
    while (!all.stream().allMatch(page -> page.welcomed)) {
      timers.advance(Duration.ofMillis(10));
      assertThat(timers.nanoTime() - since)
          .as(() -> all.stream().filter(page -> page.welcomed).count() + " are back")
          .isLessThan(Duration.ofHours(1).toNanos());
    }
    return Duration.ofNanos(timers.nanoTime() - since);
  }
}
